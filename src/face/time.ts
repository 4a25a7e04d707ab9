/** The time of day as it is read on every face: of this machine's time zone. */

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
