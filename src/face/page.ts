/**
 * What stands on a terminal above the typed line: lines of the room and notes in their order, with the time of day, a
 * line where the day changes, and headings before what was said while one was away or apart.
 *
 * One's own latest line is held for as long as nothing follows it, so that its mark tells who has it: `✓ 5/7`.
 */
import { styleText } from 'node:util';
import { actionIn } from '../core/line.ts';
import { nameKey } from '../core/name.ts';
import type { Event, Line, PrivateMessage } from '../core/step.ts';
import { foundLines, type Found } from './archive.ts';
import type { Receipt } from './face.ts';
import { columnsOf } from './glyphs.ts';
import type { Slate } from './prompt.ts';
import { complete, mark } from './receipt.ts';
import { clean } from './screen.ts';
import { author, missedLines } from './text.ts';
import { dayOf, timeOf } from './time.ts';

const palette = [
  'cyan',
  'green',
  'yellow',
  'magenta',
  'cyanBright',
  'greenBright',
  'yellowBright',
  'magentaBright',
  'blueBright',
] as const;
/** A private message that was typed so long ago says when, ms. */
const oldMs = 60_000;
/** Under which column stands what follows a time; the further rows of a note (`14:02 * …`); and of what has no time. */
const timeHang = 6;
const noteHang = timeHang + 2;
const dumbHang = 4;
type Style = Parameters<typeof styleText>[0];

export interface PageOptions {
  readonly slate: Slate;
  readonly colours: boolean;
  /** The terminal cannot move its cursor: lines are appended, fit to be read aloud. */
  readonly dumb: boolean;
  /** The time of day, ms since 1970. */
  readonly clock: () => number;
}

export class Page {
  readonly #options: PageOptions;
  readonly #slate: Slate;
  /** The day of the last line, as it is written. */
  #day: string;
  /** Lines that come next were said so long ago as they say. */
  #missed = 0;
  /** What was said apart comes in. */
  #apart = false;
  /** One's own latest line. */
  #mine: { readonly n: number; readonly text: string } | null = null;
  /** One's own private message, when nothing has followed it. */
  #letter: { readonly origin: string; readonly k: number; readonly text: string } | null = null;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#slate = options.slate;
    this.#day = dayOf(options.clock());
  }

  /** The number of one's own latest line, when it has been shown. */
  get mine(): number | undefined {
    return this.#mine?.n;
  }

  /** Something about the room, or to the person at this end. */
  note(told: string): void {
    this.#note(told, this.#options.dumb ? dumbHang : noteHang);
  }

  /** A note that is to be copied: the terminal itself wraps it. It has no words of others. */
  copyable(told: string): void {
    this.#note(told);
  }

  answer(told: readonly string[]): void {
    for (const line of told) this.#slate.print(line, line.search(/[^ ]|$/u) + 2);
  }

  /** Rows as they are: pictures, and what is to be copied. */
  draw(rows: readonly string[]): void {
    for (const row of rows) this.#slate.print(row);
  }

  /** `alone`: nobody else is there who could have it. */
  line(line: Line, receipt: Receipt | undefined, alone: boolean): void {
    const past = line.history || this.#missed > 0;
    if (this.#missed > 0) this.#missed--;
    if (!line.history && !line.apart) this.#together();
    else if (!line.history && !this.#apart) {
      this.#apart = true;
      this.#heading('said while apart');
    }
    // The terminal itself has shown what was typed, and it cannot be taken away.
    if (this.#options.dumb && line.own && !past) return;
    // What is said now has the time of this clock; only of the past must the author's be believed.
    const when = past || line.apart ? line.time : this.#options.clock();
    this.#dateline(when);
    const { text, hang } = this.#row(line, when);
    if (!line.own || past || line.apart) return this.#slate.print(text, hang);
    this.#mine = { n: line.n, text };
    this.#letter = null;
    if (alone) return this.#slate.print(text, hang);
    this.#slate.hold(text, hang);
    this.receipt(receipt);
  }

  /** A line that is not shown. */
  passOver(): void {
    if (this.#missed > 0) this.#missed--;
  }

  /** A private message. It stands apart from the lines of the room by its looks, and by an arrow that no name has. */
  letter({ origin, k, name, time, text, own, away }: PrivateMessage): void {
    this.#together();
    const now = this.#options.clock();
    this.#dateline(now);
    if (this.#options.dumb) {
      // The terminal itself has shown what was typed.
      if (!own) return this.#slate.print(`${clean(name)} says privately: ${clean(text)}`, dumbHang);
      return away
        ? this.#slate.print(`${clean(name)} is away: kept until ${clean(name)} is back`, dumbHang)
        : undefined;
    }
    const whom = own ? `you → ${clean(name)}` : `${clean(name)} → you`;
    const kept =
      own && away
        ? ` (away: kept until ${clean(name)} is back)`
        : !own && now - time > oldMs
          ? ` (of ${whenOf(time, now)})`
          : '';
    const row = `${this.style('dim', timeOf(now))} ${this.style(['inverse', colourOf(name)], whom)}${this.style('dim', kept)}  ${clean(text)}`;
    const hang = hangUnder(`${whom}${kept}`);
    if (!own || away) return this.#slate.print(row, hang);
    this.#letter = { origin, k, text: row };
    this.#slate.hold(row, hang);
  }

  /** One's own private message has been received. @returns whether that is shown: it still stands where it can be */
  heard({ origin, k }: { readonly origin: string; readonly k: number }): boolean {
    const letter = this.#letter;
    if (letter?.origin !== origin || letter.k !== k || !this.#slate.holding) return false;
    this.#slate.revise(`${letter.text} ${this.style('dim', '✓')}`);
    this.#slate.settle();
    this.#letter = null;
    return true;
  }

  receipt(receipt: Receipt | undefined): void {
    if (this.#letter !== null && this.#slate.holding) return;
    if (receipt === undefined || receipt.n !== this.#mine?.n || !this.#slate.holding) return;
    const told = mark(receipt);
    this.#slate.revise(this.#mine.text + (told === '' ? '' : ` ${this.style('dim', told)}`));
    if (complete(receipt)) this.#slate.settle();
  }

  missed(event: Extract<Event, { kind: 'missed' }>): void {
    for (const told of missedLines(event)) this.#heading(told);
    this.#missed = event.lines;
    // That heading says it already.
    if (event.why === 'apart' && event.lines > 0) this.#apart = true;
  }

  found(found: Found): void {
    const { heading, lines, end } = found;
    if (this.#options.dumb) return this.answer(foundLines(found));
    this.#heading(heading);
    for (const line of lines) {
      this.#dateline(line.time);
      const { text, hang } = this.#row({ ...line, history: true }, line.time);
      this.#slate.print(text, hang);
    }
    if (lines.length > 0) this.#heading(end);
  }

  style(style: Style, text: string): string {
    // Whether the terminal has colours has been asked already: newer Nodes would ask about stdout again.
    return this.#options.colours && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  }

  #note(told: string, hang?: number): void {
    this.#together();
    const now = this.#options.clock();
    this.#dateline(now);
    this.#slate.print(this.style('dim', this.#options.dumb ? told : `${timeOf(now)} * ${told}`), hang);
  }

  #row({ id, name, text, own, history, apart }: Line, when: number): { text: string; hang: number } {
    // What comes in now stands below a heading; lines of the past each say it for themselves.
    const marked = apart && history ? ' (while apart)' : '';
    const who = author({ id, name });
    const action = actionIn(text);
    if (this.#options.dumb) {
      const does = action === undefined ? ` says: ${clean(text)}` : ` does: ${clean(action)}`;
      return { text: `${who}${marked}${does}`, hang: dumbHang };
    }
    const styled = this.style(own ? ['bold', colourOf(name)] : colourOf(name), who);
    const head = `${this.style('dim', timeOf(when))} ${styled}${this.style('dim', marked)}`;
    if (action !== undefined)
      return { text: `${head} ${this.style('italic', clean(action))}`, hang: hangUnder(who + marked) - 1 };
    return { text: `${head}  ${clean(text)}`, hang: hangUnder(who + marked) };
  }

  /** What was said apart has come in. */
  #together(): void {
    if (!this.#apart) return;
    this.#apart = false;
    this.#heading('together again');
  }

  #dateline(time: number): void {
    const day = dayOf(time);
    if (day === this.#day) return;
    this.#day = day;
    this.#heading(day);
  }

  #heading(told: string): void {
    this.#slate.print(this.style('dim', this.#options.dumb ? told : `── ${told} ──`), dumbHang);
  }
}

/** Under which column a text begins that follows a time, somebody's name and two spaces. */
function hangUnder(who: string): number {
  return timeHang + columnsOf(who) + 2;
}

function whenOf(time: number, now: number): string {
  return dayOf(time) === dayOf(now) ? timeOf(time) : `${dayOf(time)} ${timeOf(time)}`;
}

/** Everybody has the same colour on every screen, since it comes from the name. */
export function colourOf(name: string): (typeof palette)[number] {
  let hash = 0;
  for (const character of nameKey(name)) hash = (hash * 31 + (character.codePointAt(0) as number)) % 65_521;
  return palette[hash % palette.length] as (typeof palette)[number];
}
