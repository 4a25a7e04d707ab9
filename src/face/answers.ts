/** What a person is told who asks how the room stands. Pure. */
import type { Member } from '../core/view.ts';
import type { Standing } from './face.ts';
import { clean } from './screen.ts';
import { names, waitingFor, words } from './text.ts';

/** Who is here, earliest first, each in a row: `alice (coordinator, founder)`. `but`: a process that is left out. */
export function whoRows({ members, coordinator, id, moderation, absences }: Standing, but = ''): string[] {
  const { founder, ops } = moderation;
  const shown = members.filter((member) => member.id !== but);
  return shown.map((member) => {
    const marks = [
      member.id === coordinator?.id ? 'coordinator' : '',
      founder !== undefined && member.key === founder ? 'founder' : ops.has(member.key) ? 'op' : '',
      member.id === id ? 'you' : '',
    ];
    const absence = absences.get(member.id);
    if (absence !== undefined) marks.push(absence === '' ? 'away' : `away: ${clean(absence)}`);
    const marked = marks.filter((mark) => mark !== '').join(', ');
    return `${clean(member.name)}${marked === '' ? '' : ` (${marked})`}`;
  });
}

/** What /who answers. */
export function whoLines(standing: Standing): string[] {
  const { length } = standing.members;
  if (length === 1) return ['only you are here'];
  return [`${length} are here, earliest first:`, ...whoRows(standing).map((row) => `  ${row}`)];
}

function unreceived(pending: number, untold: number): string {
  const waiting = waitingFor({ pending, telling: untold });
  return waiting === '' ? 'nothing: the room has all you said' : waiting;
}

/** What /status answers. */
export function statusLines(standing: Standing): string[] {
  const { id, members, coordinator, successor, lastHealing, pending, untold, addresses, moderation, topic } = standing;
  const banned = moderation.banned.map(({ name, by }) => `${clean(name)} (by ${clean(by)})`);
  const place = (member: Member | undefined) => {
    if (member === undefined) return 'nobody';
    const [address] = member.addresses;
    return `${clean(member.name)}${member.id === id ? ' (you)' : ''}${address === undefined ? '' : `, ${clean(address)}`}`;
  };
  const rows = {
    coordinator: place(coordinator),
    successor: place(successor),
    ...(topic === undefined ? {} : { topic: clean(topic.text) }),
    members: `${members.length}: ${names(members)}`,
    ...(banned.length === 0 ? {} : { banned: banned.join('  ') }),
    'last failover':
      lastHealing === undefined ? 'none so far' : words({ kind: 'healed', healing: lastHealing }, standing),
    'not received': unreceived(pending, untold),
    'join by': addresses.length === 0 ? 'nobody can reach this peer' : addresses.map(clean).join('  '),
  };
  return Object.entries(rows).map(([label, value]) => `${label.padEnd(13)}  ${value}`);
}
