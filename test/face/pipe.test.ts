/** The face without a terminal, over a peer that does what the test says. */
import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { EventEmitter } from 'eventemitter3';
import { describe, expect, it } from 'vitest';
import { ChatError } from '../../src/core/errors.ts';
import { limits } from '../../src/core/limits.ts';
import type { Event, Line } from '../../src/core/step.ts';
import type { Comparison } from '../../src/core/whois.ts';
import type { FacePeer, Receipt } from '../../src/face/face.ts';
import { Pipe } from '../../src/face/pipe.ts';
import { alice, bob, carol, lineOf } from './stage.ts';

class Puppet extends EventEmitter<string> implements FacePeer {
  readonly id = 'me';
  readonly name = 'bob';
  readonly members = [alice, bob];
  readonly coordinator = alice;
  readonly successor = bob;
  readonly addresses = ['10.0.0.5:6000'];
  access: FacePeer['access'] = { kind: 'open' };
  readonly lastHealing = undefined;
  readonly phase = 'joined';
  readonly room = 'r';
  receipt: Receipt | undefined = undefined;
  lines: readonly Line[] = [];
  pending = 0;
  untold = 0;
  telling = 0;
  readonly told: string[] = [];
  readonly sent: string[] = [];
  refuses: ChatError | null = null;
  left = 0;
  unsent = 0;
  readonly moderation = { founder: undefined, ops: new Set<string>(), banned: [] };
  readonly done: string[] = [];
  ignored: readonly string[] = [];

  moderate(verb: string, name: string): string {
    if (name === 'nobody') throw new ChatError('unknown-name', 'nobody here is called nobody');
    this.done.push(`${verb} ${name}`);
    return `${name}:Qk2zWm9x`;
  }

  readonly topic = undefined;
  readonly absences = new Map<string, string>();

  setTopic(text: string): void {
    this.done.push(`topic ${text}`);
  }

  away(text: string): void {
    this.done.push(`away ${text}`);
  }

  back(): void {
    this.done.push('back');
  }

  handOver(): void {
    this.done.push('hand over');
  }

  nick(name: string): void {
    this.done.push(`nick ${name}`);
  }

  rekey(): void {
    this.done.push('rekey');
  }

  ignore(name: string, on = true): void {
    this.done.push(`${on ? 'ignore' : 'unignore'} ${name}`);
  }

  ignores(id: string): boolean {
    return this.ignored.includes(id);
  }

  send(text: string): number {
    if (this.refuses !== null) throw this.refuses;
    this.pending++;
    return this.sent.push(text);
  }

  tell(to: string, text: string): { readonly k: number; readonly away: boolean } {
    if (this.refuses !== null) throw this.refuses;
    return { k: this.told.push(`${to}: ${text}`), away: false };
  }

  peers(): ReturnType<FacePeer['peers']> {
    return Promise.resolve([{ addresses: ['10.0.0.6:6000'], whence: 'beacon', fault: undefined }]);
  }

  add(address: string): ReturnType<FacePeer['add']> {
    if (address === 'x') throw new ChatError('usage', 'x is not an address');
    return Promise.resolve({ addresses: [address], whence: 'added', fault: 'does not answer' });
  }

  leave(): Promise<number> {
    this.left++;
    return Promise.resolve(this.unsent);
  }

  history(): readonly Line[] {
    return this.lines;
  }

  search(): { lines: readonly Line[]; more: number } {
    return { lines: this.lines, more: 1 };
  }

  export(file: string): Promise<number> {
    const fault = new ChatError('usage', `${file} is there already`);
    return this.lines.length === 0 ? Promise.reject(fault) : Promise.resolve(this.lines.length);
  }

  whois(name: string): never {
    throw new ChatError('unknown-name', `nobody is ${name}`);
  }

  verify(name: string): Comparison {
    return { name, key: '', halves: [{ name, own: false, words: ['one', 'two'] }] };
  }

  accept(name: string): never {
    throw new ChatError('ambiguous-name', `several are ${name}`);
  }

  happens(event: Event): void {
    this.emit(event.kind, event);
  }

  enter(): void {
    this.happens({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
  }

  acknowledge(count: number): void {
    this.pending -= count;
    this.happens({ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } });
  }
}

function open(input: AsyncIterable<Uint8Array | string> = new PassThrough(), output: Writable = new PassThrough()) {
  const peer = new Puppet();
  const complaints: string[] = [];
  const face = new Pipe({ peer, input, output, complain: (line) => complaints.push(line) });
  return {
    peer,
    face,
    complaints,
    shown: () =>
      String((output as PassThrough).read() ?? '')
        .split('\n')
        .slice(0, -1),
  };
}

/** Lets everything that can happen now happen. */
async function calm(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}

async function* manyLines(count: number, read: { count: number }) {
  for (; read.count < count; read.count++) yield `${read.count}\n`;
}

describe('out', () => {
  it('goes every line and event of the room, each as one line', async () => {
    const { peer, complaints, shown } = open();
    peer.happens({ kind: 'joined', member: carol, history: true });
    peer.happens({ kind: 'line', line: lineOf('old', { history: true }) });
    peer.enter();
    peer.happens({ kind: 'joined', member: carol, history: false });
    peer.happens({ kind: 'line', line: lineOf('mine', { name: 'bob', own: true }) });
    peer.happens({ kind: 'line', line: lineOf('two\nlines', { apart: true }) });
    peer.happens({ kind: 'left', member: carol, why: 'silent', history: false });
    peer.happens({ kind: 'slept', ms: 2000 });
    peer.happens({ kind: 'warning', code: 'length', message: 'too long' });
    await calm();
    expect(shown()).toEqual([
      'alice: old',
      '* you are in the room with alice; alice coordinates',
      '* carol joined',
      'bob: mine',
      'alice (while apart): two↵lines',
      '* carol is gone (not answering)',
      '* this process did not run for 2 s',
    ]);
    expect(complaints).toEqual([
      'others join with:  groupchat --name NAME --join 10.0.0.5:6000',
      'this room is open: anyone who reaches the port may join; --private starts one for those you invite',
      'another peer broke the protocol (length): too long',
    ]);
  });

  it('ends when nobody reads it any more', async () => {
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const { peer, face, complaints } = open(new PassThrough(), output);
    peer.enter();
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
    peer.happens({ kind: 'line', line: lineOf('late') });
    expect(peer.left).toBe(1);
    expect(complaints).toHaveLength(2);
  });

  it('ends with something unsaid when nobody reads it any more, and more was to be said', async () => {
    let reads = true;
    const output = new Writable({ write: (_chunk, _encoding, done) => done(reads ? null : new Error('EPIPE')) });
    const { peer, face } = open(manyLines(5000, { count: 0 }), output);
    peer.enter();
    await calm();
    expect(peer.sent).toHaveLength(1000);
    reads = false;
    peer.happens({ kind: 'line', line: lineOf('x') });
    expect(await face.done).toEqual({ unsent: 1, refused: 0 });
  });

  it('does not count what is nothing as unsaid', async () => {
    const input = new PassThrough();
    const output = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const { peer, face } = open(input, output);
    input.write('\n  \n/who\n');
    peer.enter();
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
  });

  it('answers who somebody is, and counts what could not be answered', async () => {
    const input = new PassThrough();
    const { peer, face, complaints, shown } = open(input);
    peer.enter();
    input.end('/verify alice\n/whois carol\n/accept dave\n/whois\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 3 });
    expect(shown().slice(1, 3)).toEqual([
      '* alice  one two',
      "* call alice, not in this room: each types /verify and the other's name, and both must see these twelve words",
    ]);
    expect(complaints.slice(2)).toEqual([
      'line 2: nobody is carol',
      'line 3: several are dave',
      'line 4 was not said: type /whois and a name, or the id that another /whois has shown',
    ]);
  });

  it('tells what was missed', async () => {
    const { peer, shown } = open();
    peer.enter();
    await calm();
    shown();
    peer.happens({ kind: 'missed', why: 'asleep', ms: 840_000, lines: 1, trimmed: 120 });
    peer.happens({ kind: 'line', line: lineOf('old') });
    peer.happens({ kind: 'missed', why: 'apart', ms: 40_000, lines: 1, trimmed: 0 });
    peer.happens({ kind: 'line', line: lineOf('there', { apart: true }) });
    peer.happens({ kind: 'receipt', n: 1, have: 1, of: 2, lacking: [carol] });
    peer.happens({ kind: 'unkept', message: 'no space left on the disk' });
    await calm();
    expect(shown()).toEqual([
      '* away 14 min, 1 message',
      '* 120 messages said meanwhile are no longer kept',
      'alice: old',
      '* while apart (40 s), 1 message',
      'alice (while apart): there',
      '* history is not kept any more (no space left on the disk): the room goes on in memory',
    ]);
  });

  it('does not pile up without bound before a reader that has stopped', async () => {
    const output = new Writable({ write: () => {} });
    const { peer, face, complaints } = open(new PassThrough(), output);
    peer.enter();
    const text = 'x'.repeat(1 << 14);
    let told = 0;
    while (!face.leaving) {
      peer.happens({ kind: 'line', line: lineOf(text) });
      expect(++told).toBeLessThan(5000);
    }
    expect(output.writableLength).toBeLessThan(66 << 20);
    expect(complaints.at(-1)).toBe('the output is not being read; leaving');
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
  });
});

describe('in', () => {
  it('is said line by line, and its end is a goodbye', async () => {
    const input = new PassThrough();
    const { peer, face } = open(input);
    input.end('early\none\r\n\n  \n//slash\nlast');
    await calm();
    expect(peer.sent).toEqual([]);
    peer.enter();
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
    expect(peer.sent).toEqual(['early', 'one', '/slash', 'last']);
  });

  it('tells at its end how much was not received', async () => {
    const input = new PassThrough();
    const { peer, face, complaints } = open(input);
    peer.unsent = 3;
    peer.enter();
    input.end('one\ntwo\n');
    expect(await face.done).toEqual({ unsent: 3, refused: 0 });
    expect(complaints.at(-1)).toBe('leaving; 2 lines waiting to be received (a signal ends it at once)');
  });

  it('waits while too many lines do, and goes on as they are received', async () => {
    const read = { count: 0 };
    const { peer, face } = open(manyLines(5000, read));
    peer.enter();
    await calm();
    expect(peer.sent).toHaveLength(1000);
    expect(read.count).toBeLessThan(1010);
    peer.acknowledge(500);
    await calm();
    expect(peer.sent).toHaveLength(1000);
    peer.acknowledge(1);
    await calm();
    expect(peer.sent).toHaveLength(1501);
    while (peer.sent.length < 5000) {
      peer.acknowledge(peer.pending);
      await calm();
    }
    await face.done;
    expect(peer.sent).toEqual(Array.from({ length: 5000 }, (_, index) => String(index)));
  });

  it('waits while the reader of the output does not keep up', async () => {
    const read = { count: 0 };
    const waiting: (() => void)[] = [];
    const output = new Writable({ write: (_chunk, _encoding, done) => void waiting.push(done) });
    const { peer, face } = open(manyLines(2000, read), output);
    peer.enter();
    peer.happens({ kind: 'line', line: lineOf('x'.repeat(1 << 20)) });
    await calm();
    expect(peer.sent.length).toBeLessThan(3);
    while (peer.sent.length < 2000) {
      for (const done of waiting.splice(0)) done();
      peer.acknowledge(peer.pending);
      await calm();
    }
    const releasing = face.done;
    for (const done of waiting.splice(0)) done();
    await calm();
    for (const done of waiting.splice(0)) done();
    await releasing;
  });

  it('takes commands, and never says one that it does not know', async () => {
    const input = new PassThrough();
    const { peer, face, complaints, shown } = open(input);
    peer.enter();
    await calm();
    shown();
    input.write('/who\n/help quit\n/qiut\n/status now\n');
    await calm();
    expect(shown()).toEqual([
      '* 2 are here, earliest first:',
      '*   alice (coordinator)',
      '*   bob (you)',
      '* /quit  leave the room; what you said is delivered first',
    ]);
    expect(complaints.slice(2)).toEqual([
      'line 3 was not said: there is no command /qiut; did you mean /quit? (// at the start says a slash)',
      'line 4 was not said: type /status with nothing after it',
    ]);
    input.write('/quit\nnever\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 2 });
    expect(peer.sent).toEqual([]);
  });

  it('goes on after a line that is refused', async () => {
    const input = new PassThrough();
    const { peer, face, complaints } = open(input);
    peer.enter();
    peer.refuses = new ChatError('line-control', 'a line has no control characters');
    input.write('one\n');
    await calm();
    peer.refuses = null;
    input.end('two\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 1 });
    expect(peer.sent).toEqual(['two']);
    expect(complaints[2]).toBe('line 1 was not said: a line has no control characters');
  });

  it('says nothing that is not UTF-8, and tells which line that was', async () => {
    const input = new PassThrough();
    const { peer, face, complaints } = open(input);
    peer.enter();
    input.write('one\n');
    input.write(Buffer.from('caf\xe9\n', 'latin1'));
    input.end('caf\ufffd\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 1 });
    expect(peer.sent).toEqual(['one', 'caf\ufffd']);
    expect(complaints[2]).toBe('line 2 was not said: it is not UTF-8');
  });

  it('says no wrong size of a line of which only the beginning was kept', async () => {
    const input = new PassThrough();
    const { peer, face, complaints } = open(input);
    peer.enter();
    peer.refuses = new ChatError('line-long', 'a line has at most 16384 bytes, this one has 16385: send it in parts');
    input.end('x'.repeat(99_999));
    expect(await face.done).toEqual({ unsent: 0, refused: 1 });
    expect(complaints[2]).toBe('line 1 was not said: it has more than 16384 bytes: send it in parts');
  });

  it('asks for the past, and for who has the last line', async () => {
    const input = new PassThrough();
    const { peer, face, complaints, shown } = open(input);
    peer.enter();
    await calm();
    shown();
    input.write('/seen\n/export r.txt\nhello\n/seen\n');
    await calm();
    peer.receipt = { kind: 'receipt', n: 1, have: 1, of: 2, lacking: [carol] };
    peer.happens(peer.receipt);
    const time = new Date(2026, 10, 20, 9, 5).getTime();
    peer.lines = [lineOf('one', { time }), lineOf('two', { time })];
    input.end('/seen\n/history\n/search o\n/export /tmp/r.txt\n/history x\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 2 });
    const rows = ['*   2026-11-20 09:05 alice: one', '*   2026-11-20 09:05 alice: two'];
    expect(shown()).toEqual([
      '* you have not said anything yet',
      '* not known yet',
      '* 1 of 2 has your last line; carol does not yet',
      '* history: the last 2 lines',
      ...rows,
      '* search: the last 2 lines with "o", 1 more before them',
      ...rows,
      '* 2 lines were written to /tmp/r.txt',
    ]);
    expect(complaints[2]).toMatch(/^line 2: nothing was exported: .*r\.txt is there already$/u);
    expect(complaints[3]).toMatch(/^line 9 was not said: type \/history, or after it how many lines/u);
  });

  it('that cannot be read is a failure', async () => {
    const input = new PassThrough();
    const { peer, face } = open(input);
    peer.enter();
    input.destroy(new Error('EISDIR: illegal operation on a directory, read'));
    await expect(face.done).rejects.toThrow('the input cannot be read: EISDIR');
    expect(peer.left).toBe(1);
  });
});

describe('a private message', () => {
  const message = {
    origin: 'x',
    k: 1,
    key: 'K'.repeat(43),
    name: 'al\u001b[2Jice',
    time: 0,
    text: 'one\ttwo\u0007',
    own: false,
    away: false,
  };

  it('is told to whom it is for, and shown so that no line can look like it', async () => {
    const input = new PassThrough();
    const { peer, face, shown } = open(input);
    peer.enter();
    await calm();
    shown();
    peer.happens({ kind: 'private', message });
    peer.happens({ kind: 'private', message: { ...message, own: true } });
    peer.happens({ kind: 'private', message: { ...message, own: true, away: true } });
    peer.happens({ kind: 'private-heard', ...message });
    input.end('/msg bob:Qk2zWm9x  hi  there\n/msg carol: hi\n/r and you\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
    expect(peer.told).toEqual(['bob:Qk2zWm9x: hi  there', 'carol: hi', `${message.name}:${message.key}: and you`]);
    expect(shown()).toEqual([
      '* al[2Jice to you: one\ttwo',
      '* to al[2Jice: one\ttwo',
      '* to al[2Jice (not here): one\ttwo',
      '* al[2Jice has your private message',
    ]);
  });

  it('is refused with one line, and never said to the room', async () => {
    const input = new PassThrough();
    const { peer, face, complaints } = open(input);
    peer.enter();
    peer.refuses = new ChatError('unknown-name', 'nobody here is known as b\u001bob');
    input.end('/msg bob secret\n/r secret\n/msg bob\n/w bob secret\n');
    expect(await face.done).toEqual({ unsent: 0, refused: 4 });
    expect(complaints.slice(-4)).toEqual([
      'line 1 was not sent: nobody here is known as bob',
      'line 2 was not sent: nobody has written to you: /msg writes to somebody',
      'line 3 was not said: type /msg, a name, and the message: only that person can read it',
      'line 4 was not said: there is no command /w; did you mean /msg? (// at the start says a slash)',
    ]);
    expect(peer.sent).toEqual([]);
  });

  it('that is as long as a line may be is told whole', async () => {
    const input = new PassThrough();
    const { peer, face } = open(input);
    peer.enter();
    const text = 'x'.repeat(limits.lineBytesMax);
    input.end(`/msg ${'b'.repeat(32)}:${'k'.repeat(43)} ${text}\n`);
    await face.done;
    expect(peer.told[0]?.endsWith(`: ${text}`)).toBe(true);
  });

  it('waits to be read when too many wait to be received', async () => {
    const input = new PassThrough();
    const { peer, face } = open(input);
    peer.enter();
    peer.telling = 100;
    input.end('/msg bob one\n/msg bob two\n');
    await calm();
    expect(peer.told).toEqual(['bob: one']);
    // He is gone: nobody waits for him.
    peer.telling = 0;
    peer.happens({ kind: 'left', member: bob, why: 'ended', history: false });
    await face.done;
    expect(peer.told).toEqual(['bob: one', 'bob: two']);
  });

  it('that was not received is counted at the end', async () => {
    const { peer, face, complaints } = open();
    peer.enter();
    peer.untold = 2;
    peer.happens({ kind: 'gone', unsent: 0, untold: 2 });
    expect(await face.done).toEqual({ unsent: 2, refused: 0 });
    expect(complaints.at(-1)).toBe('you left; 2 private messages of yours have not been received');
  });
});

describe('the end', () => {
  it('comes from outside only once', async () => {
    const { peer, face } = open();
    peer.enter();
    expect(face.leaving).toBe(false);
    face.leave();
    face.leave();
    expect(face.leaving).toBe(true);
    expect(await face.done).toEqual({ unsent: 0, refused: 0 });
    expect(peer.left).toBe(1);
  });

  it('comes when the room closes its door', async () => {
    const { peer, face } = open();
    peer.enter();
    peer.happens({ kind: 'refused', code: 'room-full', message: 'the room is full' });
    await expect(face.done).rejects.toThrow('the room is full');
  });

  it('comes with the last event', async () => {
    const { peer, face, complaints } = open();
    peer.enter();
    peer.unsent = 2;
    peer.happens({ kind: 'gone', unsent: 2, untold: 0 });
    expect(await face.done).toEqual({ unsent: 2, refused: 0 });
    expect(complaints.at(-1)).toBe('you left; the room has not received 2 lines of yours');
  });
});

describe('a private room', () => {
  const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

  it('is shown with its key to whoever founds it, apart from what is said', async () => {
    const { peer, complaints, shown } = open();
    peer.access = { kind: 'private', key };
    peer.happens({ kind: 'entered', room: 'r', self: bob, members: [bob] });
    await calm();
    expect(complaints[0]).toBe(`others join with:  groupchat --name NAME --join 'gc://10.0.0.5:6000/#${key}'`);
    expect(shown().join('\n')).not.toContain(key);
  });

  it.each([
    ['joins it', (peer: Puppet) => peer.enter()],
    [
      'goes on with it',
      (peer: Puppet) => {
        peer.happens({ kind: 'restored', room: 'r', lines: 1, unsent: 0, since: 0 });
        peer.happens({ kind: 'entered', room: 'r', self: bob, members: [bob] });
      },
    ],
  ])('keeps its key to itself until it is asked for by whoever %s', async (_, enter) => {
    const input = new PassThrough();
    const { peer, complaints, shown } = open(input);
    peer.access = { kind: 'private', key };
    enter(peer);
    await calm();
    expect(complaints).toEqual(['this room is private: /invite shows how others join']);
    input.write('/invite\n');
    await calm();
    expect(complaints[1]).toContain(`'gc://10.0.0.5:6000/#${key}'`);
    expect(shown().join('\n')).not.toContain(key);
  });
});
