/** What is drawn is the code, square by square. */
import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { qrRows } from '../../src/face/qr.ts';

/** What each character says of the square above and of the one below: true for dark. */
const squares: Readonly<Record<string, readonly [boolean, boolean]>> = {
  '█': [false, false],
  '▀': [false, true],
  '▄': [true, false],
  ' ': [true, true],
};

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const many = Array.from({ length: 8 }, (_, index) => `[2001:db8:aaaa:bbbb:cccc:dddd:eeee:${index}]:60001`).join(',');

it.each([`gc://10.0.0.5:6000/#${key}`, `gc://10.0.0.5:6000,bob.lan:6001/#${key}`, `gc://${many}/#${key}`])(
  '%s',
  async (invite) => {
    const rows = await qrRows(invite);
    const drawn = rows.flatMap((row) => {
      const both = row.split('').map((character) => squares[character] as readonly [boolean, boolean]);
      return [both.map(([above]) => above), both.map(([, below]) => below)];
    });
    const { data, size } = encode(invite, { border: 2 });
    expect(drawn.slice(0, size)).toEqual(data);
    // An odd number of rows leaves half of one, which is as the background.
    for (const row of drawn.slice(size)) expect(row.every((dark) => dark)).toBe(true);
    expect(
      data
        .slice(0, 2)
        .flat()
        .some((dark) => dark),
    ).toBe(false);
  },
);
