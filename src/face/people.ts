/** What a person is told who asks who somebody is. Pure. */
import type { Command } from '../core/command.ts';
import { calling, type Acquaintance, type Comparison } from '../core/whois.ts';
import type { People, Standing } from './face.ts';
import { clean } from './screen.ts';
import { list } from './text.ts';
import { dayOf, timeOf } from './time.ts';

/** What /whois, /verify and /accept answer. @throws ChatError when it is not clear who is meant */
export function answerAbout(
  peer: People & Standing,
  { kind, name }: Extract<Command, { kind: 'whois' | 'verify' | 'accept' }>,
): string[] {
  switch (kind) {
    case 'whois':
      return whoisLines(peer.whois(name), peer);
    case 'verify':
      return verifyLines(peer.verify(name));
    case 'accept':
      return [acceptedLine(peer.accept(name))];
  }
}

/** What /whois answers: one after the other, whoever is here first. */
export function whoisLines(found: readonly Acquaintance[], standing: Standing): string[] {
  return found.flatMap((one) => {
    const { name, id, key, own, member, pin, others } = one;
    const rows = {
      name: clean(name) + (own ? (id === standing.id ? ' (you)' : ' (you, in another process)') : ''),
      fingerprint: one.fingerprint,
      'typed as': clean(calling(one)),
      known: knownAs(one),
      'also called': others.length === 0 ? undefined : list(others.map(clean)),
      here: member === undefined ? away(pin?.key === key ? pin.met : undefined) : place(one, standing),
      address:
        member === undefined ? undefined : member.addresses.map(clean).join('  ') || 'none: it cannot be dialled',
      id: id === undefined ? undefined : clean(id),
    };
    return Object.entries(rows)
      .filter(([, value]) => value !== undefined)
      .map(([label, value]) => `${label.padEnd(13)}  ${value}`);
  });
}

/** How the name stands to the key. */
function knownAs({ key, own, vouched, pin }: Acquaintance): string {
  if (!vouched) return 'NOT who it says: its signature is false';
  if (own) return 'your own key';
  if (pin === undefined) return 'not yet by this name';
  if (pin.key !== key) return `NOT the ${clean(pin.name)} you have known since ${moment(pin.since)}: another key`;
  const since = `since ${moment(pin.since)}, under this key`;
  return pin.accepted === undefined ? `${since}; never compared` : `${since}; accepted ${moment(pin.accepted)}`;
}

function place({ member }: Acquaintance, { members, coordinator }: Standing): string {
  const at = members.findIndex(({ id }) => id === member?.id) + 1;
  return `yes, ${at} of ${members.length} in the join order${coordinator?.id === member?.id ? ', coordinates' : ''}`;
}

function away(met: number | undefined): string {
  return met === undefined ? 'no' : `no, last met ${moment(met)}`;
}

/** What /verify answers. */
export function verifyLines({ name, key, halves }: Comparison): string[] {
  const rows = halves.map((half) => [`${clean(half.name)}${half.own ? ' (you)' : ''}`, half.words.join(' ')] as const);
  const width = Math.max(...rows.map(([label]) => label.length));
  const whom = clean(name);
  // By then the name may be two people's.
  const typed = clean(calling({ name, key }));
  return [
    ...rows.map(([label, words]) => `${label.padEnd(width)}  ${words}`),
    `call ${whom}, not in this room: each types /verify and the other's name, and both must see these twelve words`,
    `if all agree, type /accept ${typed}; if one does not, that is not ${whom}, or somebody stands between you`,
  ];
}

/** What /accept answers. */
export function acceptedLine({ name, fingerprint }: Acquaintance): string {
  return `${clean(name)} is from now on whoever has the key ${fingerprint}`;
}

function moment(ms: number): string {
  return `${dayOf(ms)} ${timeOf(ms)}`;
}
