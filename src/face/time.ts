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

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/**
 * `Saturday 21 November`, and its year where that is not the one of `now`. Not by Intl: what it says depends on the
 * version of Node.
 * @param short `Sat 21 Nov`, where there is little room
 */
export function dayName(ms: number, now: number, short = false): string {
  const date = new Date(ms);
  const cut = (word: string): string => (short ? word.slice(0, 3) : word);
  const year = date.getFullYear();
  return [
    cut(weekdays[date.getDay()] as string),
    date.getDate(),
    cut(months[date.getMonth()] as string),
    ...(year === new Date(now).getFullYear() ? [] : [year]),
  ].join(' ');
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
