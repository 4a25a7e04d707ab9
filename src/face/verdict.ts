/** What an export proves, in words: for `groupchat verify`. Pure. */
import type { Fault } from '../core/fault.ts';
import type { Verdict } from '../core/proof.ts';
import { clean } from './screen.ts';
import { count } from './text.ts';

const meaning =
  'What is proven was said by whoever has that key, in this room, and nothing of it was changed; whose a key is, only ' +
  'its owner can tell you (compare: /verify, /whois), and nobody signs who came and went, the order among several, or ' +
  'that a file is all that was said.';

/** What was found, line by line. */
export function verdictLines(verdict: Verdict): string[] {
  const { room, from, to, lines, signed, leftOut, people, faults, more } = verdict;
  if (room === null) return faults.map(faultLine);
  const number = (of: number): string => of.toLocaleString('en');
  const proven = signed === lines ? 'all of them proven' : `${number(signed)} of them proven`;
  const heading = `room ${room}, ${to < from ? 'nothing' : `entries ${from} to ${to}`}: ${count(lines, 'line')}`;
  return [
    lines === 0 ? heading : `${heading}, ${proven}`,
    ...people.map((one) => {
      const all = one.signed === one.lines ? 'all proven' : `${number(one.signed)} proven`;
      const name = `${clean(one.name)}${one.vouched ? '' : ' (a name that is not signed)'}`;
      return `  ${name}  ${one.fingerprint}  ${count(one.lines, 'line')}, ${all}`;
    }),
    ...(leftOut === 0 ? [] : [`  ${count(leftOut, 'change')} of the rules of the room (no lines) left out, as always`]),
    ...faults.map(faultLine),
    ...(more === 0 ? [] : [`and ${count(more, 'fault')} more`]),
    verdict.ok ? 'nothing is wrong' : 'NOT all of this is proven',
    meaning,
  ];
}

/** `line 12: …`: what is wrong, and where in the file. */
export function faultLine(fault: Fault): string {
  const { kind, place, until } = fault;
  if (kind === 'missing') return `${place === 0 ? 'at the start' : `behind line ${place}`}: ${told(fault)}`;
  return `${place === until ? `line ${place}` : `lines ${place} to ${until}`}: ${told(fault)}`;
}

function told(fault: Fault): string {
  const name = clean(fault.name ?? fault.id ?? '');
  const other = clean(fault.other ?? '');
  const whose = `${name}'s ${numbers(fault)}`;
  const which = fault.id === undefined ? `${numbers(fault)} of the room` : whose;
  const [is, was, stands] = fault.from === fault.to ? ['is', 'was', 'stands'] : ['are', 'were', 'stand'];
  switch (fault.kind) {
    case 'record':
      return `damaged: ${clean(fault.why ?? '')}`;
    case 'changed':
      return fault.from === fault.to
        ? `changed or forged: ${whose} is not what ${name} signed`
        : `changed or forged: one at least of ${whose}, which ${name} signed together, is not what was signed`;
    case 'moved':
      return `moved: ${which} ${stands} out of place`;
    case 'doubled':
      return `doubled: ${which} ${is} there already`;
    case 'missing':
      return `missing: ${which} ${is} not there`;
    case 'unproven':
      return `not proven: ${whose} ${was} signed together with what is missing or damaged`;
    case 'attributed':
      return `in another's name: ${other} said this, not ${name}`;
    case 'name':
      return `in another's name: shown as said by ${other}, and signed as by ${name}`;
    case 'hidden':
      return `left out: ${whose}, as if it were a change of the rules, but ${was} signed together with lines`;
    case 'unsigned':
      return `not signed: ${whose}`;
    case 'open':
      return `not signed yet: ${whose}, when this was written`;
    case 'stranger':
      return `nobody knows who ${clean(fault.id ?? '')} is`;
    case 'id':
      return `false: ${name} has an id (${clean(fault.id ?? '')}) that is not that of the keys`;
    case 'vouch':
      return `false: the name ${name} was not signed with that key`;
    case 'keys':
      return `another key: ${name} is not who was ${other === name ? 'called so' : `called ${other}`} before`;
    case 'unread':
      return `the rest was not read: ${clean(fault.why ?? '')}`;
  }
}

function numbers({ from = 0, to = 0 }: Fault): string {
  return from === to ? `number ${from}` : `numbers ${from} to ${to}`;
}
