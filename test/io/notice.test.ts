import { expect, it } from 'vitest';
import { Notices } from '../../src/io/notice.ts';

it('tells each kind once a minute, and how many there were', () => {
  const notices = new Notices(60_000);
  expect(notices.note('key', 0)).toBe(1);
  expect(notices.note('open', 1)).toBe(1);
  for (let at = 1; at <= 500; at++) expect(notices.note('key', at)).toBeUndefined();
  expect(notices.note('key', 59_999)).toBeUndefined();
  expect(notices.note('key', 60_000)).toBe(502);
  expect(notices.note('key', 60_001)).toBeUndefined();
  expect(notices.note('open', 60_001)).toBe(1);
});
