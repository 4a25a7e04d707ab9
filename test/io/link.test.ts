import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Link } from '../../src/io/link.ts';
import { closeAll, hasIPv6, pair } from './net.ts';

afterEach(closeAll);

/** A link at the near end, and what it tells. */
async function linked(): Promise<{
  link: Link;
  near: Socket;
  far: Socket;
  heard: string[];
  next: () => Promise<void>;
}> {
  const { near, far } = await pair();
  const heard: string[] = [];
  let wake = (): void => {};
  const tell = (what: string): void => {
    heard.push(what);
    wake();
  };
  const link = new Link(near, {
    bytes: (bytes) => tell(`bytes ${bytes.length}`),
    drained: () => tell('drained'),
    closed: () => tell('closed'),
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return { link, near, far, heard, next };
}

describe('a link', () => {
  it('carries bytes both ways', async () => {
    const { link, far, heard, next } = await linked();
    const told = next();
    far.write('hello');
    await told;
    expect(heard).toEqual(['bytes 5']);
    expect(link.write(new TextEncoder().encode('hi'))).toBe(true);
    expect(String((await once(far, 'data'))[0])).toBe('hi');
  });

  it('knows the other side', async () => {
    expect((await linked()).link.host).toBe('127.0.0.1');
  });

  it.runIf(hasIPv6)('writes an IPv4 address as such where IPv6 wraps it', async () => {
    const { far } = await pair('::');
    expect(far.remoteAddress).toBe('::ffff:127.0.0.1');
    expect(new Link(far, { bytes() {}, drained() {}, closed() {} }).host).toBe('127.0.0.1');
  });

  it('says when it is full, and tells when it takes more', async () => {
    const { link, near, far, heard, next } = await linked();
    far.pause();
    let written = 0;
    while (link.write(new Uint8Array(1 << 16))) expect(++written).toBeLessThan(10_000);
    expect(written).toBeGreaterThan(0);
    expect(near.writableLength).toBeGreaterThan(0);
    expect(heard).toEqual([]);
    const told = next();
    far.resume();
    await told;
    expect(heard).toEqual(['drained']);
    expect(link.write(new Uint8Array(1))).toBe(true);
  });

  it.each([
    ['hangs up', (far: Socket) => far.end()],
    ['is killed', (far: Socket) => far.resetAndDestroy()],
  ] as const)('tells once when the other side %s', async (_, ends) => {
    const { link, near, far, heard, next } = await linked();
    const told = next();
    ends(far);
    await told;
    expect(link.write(new Uint8Array(10))).toBeTypeOf('boolean'); // it does not throw
    if (!near.destroyed) await once(near, 'close');
    expect(heard).toEqual(['closed']);
  });

  it('hears what was said before the end', async () => {
    const { far, heard, next } = await linked();
    const told = next();
    far.end('bye');
    await told;
    if (heard.length < 2) await next();
    expect(heard).toEqual(['bytes 3', 'closed']);
  });
});

describe('a link that is closed', () => {
  it('sends what is under way, and tells nothing more', async () => {
    const { link, far, heard } = await linked();
    const slice = new Uint8Array(1 << 20).fill(7);
    link.write(slice);
    const closing = link.close();
    let taken = 0;
    far.on('data', (bytes) => (taken += bytes.length));
    far.write('too late');
    await once(far, 'end');
    far.end();
    await closing;
    expect(taken).toBe(1 << 20);
    expect(heard).toEqual([]);
  });

  it('does not wait for ever for one who reads nothing', async () => {
    const { link, near, far } = await linked();
    far.pause();
    for (let at = 0; at < 200; at++) link.write(new Uint8Array(1 << 16));
    await link.close();
    expect(near.destroyed).toBe(true);
  });

  it('is closed already when the other side went first', async () => {
    const { link, near, far, next } = await linked();
    const told = next();
    far.destroy();
    await told;
    if (!near.destroyed) await once(near, 'close');
    await link.close();
    expect(near.destroyed).toBe(true);
  });
});
