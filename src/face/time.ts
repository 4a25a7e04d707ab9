/** The time of day as it is read on every face: of this machine's time zone. */
import type { Range } from '../core/command.ts';

const two = (number: number) => String(number).padStart(2, '0');

/** `14:02` */
export function timeOf(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-20` */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When a range of the past begins, ms since 1970, seen from `now`. */
export function sinceOf(range: Exclude<Range, { kind: 'latest' }>, now: number): number {
  switch (range.kind) {
    case 'ago':
      return now - range.ms;
    case 'time': {
      const date = new Date(now);
      date.setHours(range.hour, range.minute, 0, 0);
      if (date.getTime() > now) date.setDate(date.getDate() - 1);
      return date.getTime();
    }
    case 'day':
      return new Date(range.year, range.month - 1, range.day).getTime();
  }
}
