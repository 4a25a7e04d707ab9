/**
 * What happens in the room, as objects for programs: docs/json.md has them in words, docs/json.schema.json for a checker.
 *
 * They are a promise of their own, and do not follow what the core tells: what is added to the core shows here only when
 * somebody decides how. Within one version, kinds and properties are added and none is changed or taken away.
 */
import type { Position } from '../core/entry.ts';
import type { Gap } from '../core/history.ts';
import type { Event, Line } from '../core/step.ts';
import type { Member } from '../core/view.ts';
import type { Standing } from './face.ts';

const version = 1;

/** One object: what it is, when it happened, and what else its kind has. */
export type Told = { readonly v: typeof version; readonly kind: string; readonly time: string } & Readonly<
  Record<string, unknown>
>;

/** RFC 3339 has four digits for the year: the end of 9999, ms since 1970. */
const timeMax = Date.UTC(10_000, 0) - 1;

/** A time of day (ms since 1970) by RFC 3339, in UTC and to the millisecond. A clock that is ahead of that is at its end. */
const timestamp = (ms: number): string => new Date(Math.min(ms, timeMax)).toISOString();

function object(kind: string, ms: number, more: Readonly<Record<string, unknown>>): Told {
  return { v: version, kind, time: timestamp(ms), ...more };
}

/** Characters that JSON lets through, and that end a line for some readers, or move or hide what a terminal shows. */
const unsafe = /[\u007f-\u009f\u2028\u2029\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const plain = /^[\x20-\x7e]*$/u;

/** An object as one line of ASCII controls, and of nothing that does not show. It reads back as it was. */
export function jsonLine(told: Told): string {
  const text = JSON.stringify(told);
  if (plain.test(text)) return text;
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(unsafe, (character) => character.split('').map(escape).join(''));
}

/** `epoch.seq`, as `--since` takes it. */
export function positionText({ epoch, seq }: Position): string {
  return `${epoch}.${seq}`;
}

/** Undefined for what is no position. */
export function parsePosition(text: string): Position | undefined {
  const [, epoch = '', seq = ''] = /^(\d{1,15})\.(\d{1,15})$/u.exec(text) ?? [];
  return seq === '' ? undefined : { epoch: Number(epoch), seq: Number(seq) };
}

const who = ({ id, name, key }: Pick<Member, 'id' | 'name' | 'key'>): Record<string, string> => ({ id, name, key });

/** Which room, and how far it has come. */
interface Progress {
  readonly room: string;
  readonly position: Position;
}

/** A line of the room. */
export function lineObject({ position, id, n, name, time, text, apart }: Line): Told {
  return object('line', time, { position: positionText(position), id, n, name, text, apart });
}

/** Who is in the room, and who coordinates it: what comes behind it happens from now on. */
export function roomObject(standing: Standing & Progress, now: number): Told {
  const { room, position, id, name, members, coordinator } = standing;
  return object('room', now, {
    position: positionText(position),
    room,
    id,
    name,
    coordinator: coordinator?.id ?? null,
    members: members.map(who),
  });
}

/** Who is here but for the process that asks. */
export function whoObject(
  { members, coordinator, moderation, id, room }: Standing & Pick<Progress, 'room'>,
  now: number,
): Told {
  const { founder, ops } = moderation;
  return object('who', now, {
    room,
    members: members
      .filter((member) => member.id !== id)
      .map((member) => ({
        ...who(member),
        coordinator: member.id === coordinator?.id,
        founder: member.key === founder,
        op: ops.has(member.key),
      })),
  });
}

/** Something is missing before what comes next: the position that was asked for is not there. */
export function sinceGap(since: Position, why: Gap, now: number): Told {
  return object('gap', now, { why, since: positionText(since) });
}

/**
 * Anything else that happens, as an object; undefined for what is told in another way, concerns only the person here, or
 * happened before this peer came.
 */
export function eventObject(event: Event, now: number): Told | undefined {
  switch (event.kind) {
    case 'private': {
      const { origin, k, key, name, time, text, own } = event.message;
      return own ? undefined : object('private', time, { id: origin, n: k, name, key, text });
    }
    case 'joined':
      return event.history ? undefined : object('joined', now, who(event.member));
    case 'left': {
      const { member, why, by, history } = event;
      return history ? undefined : object('left', now, { ...who(member), why, ...(by === undefined ? {} : { by }) });
    }
    case 'ruled': {
      const { verb, name, by, history } = event;
      return history ? undefined : object('rule', now, { verb, name, by });
    }
    case 'looking':
      return object('looking', now, { ...who(event.coordinator), why: event.why });
    case 'healed': {
      const { coordinator, why, gone, tookMs } = event.healing;
      const lost = gone.map((one) => ({ ...who(one.member), why: one.why }));
      return object('healed', now, { ...who(coordinator), why, gone: lost, ms: Math.round(tookMs) });
    }
    case 'renamed': {
      const { id, name, former, history } = event;
      return history ? undefined : object('renamed', now, { id, name, former });
    }
    case 'handed-over': {
      const { member, coordinator, history } = event;
      return history ? undefined : object('handover', now, { ...who(member), to: who(coordinator) });
    }
    case 'topic': {
      const { id, text, by, history } = event;
      return history ? undefined : object('topic', now, { id, name: by, text });
    }
    case 'away': {
      const { id, name, text, history } = event;
      return history ? undefined : object('away', now, { id, name, text });
    }
    case 'slept':
      return object('slept', now, { ms: Math.round(event.ms) });
    case 'missed':
      // What a run before this one has missed is asked for by its position.
      if (event.trimmed === 0 || event.why === 'restarted') return undefined;
      return object('gap', now, { why: 'away', lines: event.trimmed });
    case 'gap': {
      const { id, name, from, to } = event;
      return object('gap', now, { why: 'lost', id, name, from, to });
    }
    case 'unsigned': {
      const { id, name, from, to, lines, why } = event;
      return object('unsigned', now, { id, name, from, to, lines, why });
    }
    case 'unreachable': {
      const { members, since, alone } = event;
      return object('unreachable', now, { members: members.map(who), since: timestamp(since), alone });
    }
    case 'entered':
    case 'denied':
    case 'line':
    case 'acknowledged':
    case 'private-heard':
    case 'receipt':
    case 'restored':
    case 'unkept':
    case 'met':
    case 'turned-away':
    case 'refused':
    case 'gone':
    case 'warning':
      return undefined;
  }
}
