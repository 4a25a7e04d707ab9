/**
 * The attacks, by name, and where each of them is played over real sockets (or, where there is none, on a real disk). A
 * test that is renamed or taken away is missed here.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const attacks: readonly [attack: string, file: string, ...titles: readonly [string, ...string[]]][] = [
  ['rogue server with any certificate', 'io/secure', 'a client trusts no server', 'even where the environment tells'],
  ['rogue server with any certificate', 'hostile/door', 'with any certificate is nobody to a process'],
  ['wrong key', 'io/secure', 'with another key'],
  ['no key', 'io/secure', 'from the street, where the room is private', 'without a key, whatever it would accept'],
  ['key of another room', 'io/secure', 'with a key, where there is none', 'with a tag that was seen on the way'],
  ['replayed handshake', 'io/secure', 'who repeats what a member has sent', 'does not live on in a session'],
  ['replayed handshake', 'hostile/door', 'replayed on another link is worth nothing'],
  ['somebody in between', 'hostile/door', 'passed on by somebody in between is worth nothing'],
  ['borrowed sender id', 'plays/door', 'a member that speaks in the name of another'],
  ['borrowed sender id', 'hostile/door', 'is none for another’s'],
  ['forged line', 'hostile/coordinator', 'forged: it signs in the name', 'forged: without any signature'],
  ['edited line', 'hostile/coordinator', 'edited: another text, and another time'],
  ['re-ordered lines', 'hostile/coordinator', 're-ordered: lines of one author', 're-ordered: a later number'],
  ['withheld line', 'hostile/coordinator', 'withheld: a line of those', 'withheld: a line that was signed alone'],
  [
    'replayed line',
    'hostile/coordinator',
    'replayed: the same',
    'replayed: under',
    'replayed: what was said in another room',
  ],
  ['re-attributed line', 'hostile/coordinator', 're-attributed: what bob said'],
  ['true lines', 'hostile/coordinator', 'that says only what is true is not accused'],
  ['forged private message', 'hostile/coordinator', 'forged by the coordinator, reflected or replayed'],
  ['private message, read on the way', 'plays/private', 'reaches the coordinator sealed'],
  [
    'false vouch',
    'hostile/coordinator',
    'goes to nobody whose vouch is false',
    'a member with another id than its keys',
  ],
  ['name squatting, look-alikes', 'hostile/door', 'look-alikes of a name are refused'],
  ['name held through a drop', 'hostile/door', 'a name is held for whoever dropped', 'a name is held for 60 s'],
  ['known name, another key', 'plays/people', 'another one comes as bob: that is told once'],
  ['escapes, OSC 52, bidi, zero-width in names', 'hostile/door', 'a name with what does not show, moves'],
  ['... in lines and private messages', 'hostile/screen', 'lines, and private messages', 'on a terminal: lines'],
  ['... in refusals', 'hostile/screen', 'the words of a refusal, before', 'on a terminal: the words of a refusal'],
  ['... in words that one is put out with', 'hostile/screen', 'nobody goes for a mere word'],
  ['rows that look like lines', 'face/terminal', 'begins no row at the left edge'],
  ['a pin made forgotten', 'core/pins', 'keep a friend, however many come'],
  ['slow-loris, half-open', 'hostile/load', 'half-open and slow-loris'],
  ['slow-loris, half-open', 'io/server', 'gives one that %s no longer than a handshake may take'],
  ['slow-loris, half-open', 'plays/door', 'half a header, and silence'],
  ['connection flood', 'hostile/load', 'connection flood'],
  ['connection flood', 'plays/door', '300 who say nothing do not bar the door'],
  ['frame bomb', 'hostile/load', 'of a stranger is judged by its header', 'of a member: a megabyte is refused'],
  ['deep JSON', 'hostile/load', 'of a stranger: deep, long', 'of a coordinator: deep, long'],
  ['memory and CPU bombs', 'hostile/load', 'memory bomb'],
  ['memory and CPU bombs', 'io/server', 'stays as it is, whatever comes'],
  ['__proto__, constructor as names', 'hostile/door', '__proto__ and constructor are names like any other'],
  ['__proto__ as an id, an author, a key', 'hostile/load', '__proto__ is an id like any other', '__proto__ as a key'],
  ['flooding member', 'hostile/flood', 'is slowed: it gets all its lines in', 'is let go after a minute of it'],
  ['data folder that others can read', 'hostile/folder', 'that others can read is refused with the chmod'],
  ['a symlink in its place', 'hostile/folder', 'in its place, in that of the profile, and of the key'],
  ['a symlink in the place of a room', 'hostile/folder', 'in the place of the room’s folder', 'that is joined is %s'],
];

it.each(attacks)('%s: %s', (_, file, ...titles) => {
  const text = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8');
  for (const title of titles) expect(text).toContain(title);
});
