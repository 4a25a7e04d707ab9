/**
 * What stands on a terminal above the typed line: lines of the room and notes in their order, with the time of day, a
 * line where the day changes, and headings before what was said while one was away or apart.
 *
 * One's own latest line is held for as long as nothing follows it, so that its mark tells who has it: `✓ 5/7`.
 */
import { styleText } from 'node:util';
import type { Theme } from '../core/command.ts';
import { actionIn } from '../core/line.ts';
import { nameKey } from '../core/name.ts';
import type { Event, Line, PrivateMessage } from '../core/step.ts';
import { foundLines, type Found } from './archive.ts';
import { Comings, steadyMs, type Coming } from './comings.ts';
import type { Receipt } from './face.ts';
import { columnsOf } from './glyphs.ts';
import { complete, mark } from './receipt.ts';
import { clean, cleanLines } from './screen.ts';
import type { Slate } from './slate.ts';
import { author, missedLines } from './text.ts';
import { dayName, dayOf, timeOf } from './time.ts';

/** What is read well on a background; red is for nobody on a dark one, since it looks like an error there. */
const palettes = {
  dark: [
    'cyan',
    'green',
    'yellow',
    'magenta',
    'cyanBright',
    'greenBright',
    'yellowBright',
    'magentaBright',
    'blueBright',
  ],
  light: ['blue', 'magenta', 'red', 'green', 'cyan'],
} as const;
/** A private message that was typed so long ago says when, ms. */
const oldMs = 60_000;
/** Under which column stands what follows a time; the further rows of a note (`14:02 * …`); and of what has no time. */
const timeHang = 6;
const noteHang = timeHang + 2;
const dumbHang = 4;
/** Below this, days have short names: `── Wednesday 30 September 2026 ──` would take two rows. */
const shortColumns = 34;
type Style = Parameters<typeof styleText>[0];
type Colour = (typeof palettes)['dark' | 'light'][number];

export interface PageOptions {
  readonly slate: Slate;
  /** Lines are only appended, fit to be read aloud, and what was typed stays where it was. */
  readonly dumb: boolean;
  /** The time of day, ms since 1970. */
  readonly clock: () => number;
  /** How wide the terminal is now. */
  readonly columns: () => number;
}

export class Page {
  /** For which background the colours are. */
  theme: Theme = 'none';
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
  /** What the slate holds, as long as it holds something. */
  #holds: 'mine' | 'letter' | 'comings' | null = null;
  readonly #comings = new Comings();
  /** When the line of those who come and go was begun. */
  #comedAt = 0;
  /** Somebody comes and goes too often to be told at once. */
  #steadying = false;
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

  /** One's own latest line can be seen with its mark. */
  get showsMark(): boolean {
    return this.#holding('mine');
  }

  /** Something about the room, or to the person at this end. */
  note(told: string): void {
    this.#note(told, this.#options.dumb ? dumbHang : noteHang);
  }

  /** Somebody has come or gone: told together with those before, if nothing stands between. */
  coming(coming: Coming): void {
    const now = this.#options.clock();
    const told = this.#comings.hear(coming, now, this.#holding('comings') && dayOf(now) === this.#day);
    if (told === undefined) return this.#steady();
    if (told.again) return this.#slate.revise(this.#noted(told.text, this.#comedAt));
    this.#together();
    this.#dateline(now);
    this.#comedAt = now;
    this.#hold('comings', this.#noted(told.text, now), this.#options.dumb ? dumbHang : noteHang);
  }

  #steady(): void {
    if (this.#steadying) return;
    this.#steadying = true;
    setTimeout(() => {
      this.#steadying = false;
      const told = this.#comings.late();
      if (told !== undefined) this.note(told);
    }, steadyMs).unref();
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
    // What was typed stands there, and cannot be taken away.
    if (this.#options.dumb && line.own && !past) return;
    // What is said now has the time of this clock; only of the past must the author's be believed.
    const when = past || line.apart ? line.time : this.#options.clock();
    this.#dateline(when);
    const { text, hang } = this.#row(line, when);
    if (!line.own || past || line.apart) return this.#slate.print(text, hang);
    this.#mine = { n: line.n, text };
    this.#letter = null;
    if (alone) return this.#slate.print(text, hang);
    this.#hold('mine', text, hang);
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
      // What was typed stands there.
      if (!own) return this.#slate.print(aloud(clean(name), 'says', 'privately', text), dumbHang);
      return away
        ? this.#slate.print(`${clean(name)} is not here: kept until ${clean(name)} is back`, dumbHang)
        : undefined;
    }
    const whom = own ? `you → ${clean(name)}` : `${clean(name)} → you`;
    const kept =
      own && away
        ? ` (not here: kept until ${clean(name)} is back)`
        : !own && now - time > oldMs
          ? ` (of ${whenOf(time, now)})`
          : '';
    const action = actionIn(text);
    const told = action === undefined ? cleanLines(text) : this.style('italic', `* ${cleanLines(action)}`);
    const row = `${this.style('dim', timeOf(now))} ${this.style(['inverse', this.colourOf(name)], whom)}${this.style('dim', kept)}  ${told}`;
    const hang = hangUnder(`${whom}${kept}`);
    if (!own || away) return this.#slate.print(row, hang);
    this.#letter = { origin, k, text: row };
    this.#hold('letter', row, hang);
  }

  /** One's own private message has been received. @returns whether that is shown: it still stands where it can be */
  heard({ origin, k }: { readonly origin: string; readonly k: number }): boolean {
    const letter = this.#letter;
    if (letter?.origin !== origin || letter.k !== k || !this.#holding('letter')) return false;
    this.#slate.revise(`${letter.text} ${this.style('dim', '✓')}`);
    this.#slate.settle();
    this.#letter = null;
    return true;
  }

  receipt(receipt: Receipt | undefined): void {
    if (receipt === undefined || receipt.n !== this.#mine?.n || !this.showsMark) return;
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
    return this.theme !== 'none' && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Everybody has the same colour on every screen with the same background, since it comes from the name. */
  colourOf(name: string): Colour {
    let hash = 0;
    for (const character of nameKey(name)) hash = (hash * 31 + (character.codePointAt(0) as number)) % 65_521;
    const palette: readonly Colour[] = palettes[this.theme === 'light' ? 'light' : 'dark'];
    return palette[hash % palette.length] as Colour;
  }

  /** What follows has not been read. */
  unread(): void {
    this.#together();
    if (!this.#options.dumb) this.#heading('new');
  }

  #note(told: string, hang?: number): void {
    this.#together();
    const now = this.#options.clock();
    this.#dateline(now);
    this.#slate.print(this.#noted(told, now), hang);
  }

  #noted(told: string, time: number): string {
    return this.style('dim', this.#options.dumb ? told : `${timeOf(time)} * ${told}`);
  }

  #hold(what: 'mine' | 'letter' | 'comings', text: string, hang: number): void {
    this.#slate.hold(text, hang);
    this.#holds = what;
  }

  #holding(what: 'mine' | 'letter' | 'comings'): boolean {
    return this.#slate.holding && this.#holds === what;
  }

  #row({ id, name, text, own, history, apart }: Line, when: number): { text: string; hang: number } {
    // What comes in now stands below a heading; lines of the past each say it for themselves.
    const marked = apart && history ? ' (while apart)' : '';
    const who = author({ id, name });
    const action = actionIn(text);
    if (this.#options.dumb) {
      const told =
        action === undefined ? aloud(who + marked, 'says', '', text) : aloud(who + marked, 'does', '', action);
      return { text: told, hang: dumbHang };
    }
    const styled = this.style(own ? ['bold', this.colourOf(name)] : this.colourOf(name), who);
    const head = `${this.style('dim', timeOf(when))} ${styled}${this.style('dim', marked)}`;
    const told = action === undefined ? cleanLines(text) : this.style('italic', `* ${cleanLines(action)}`);
    return { text: `${head}  ${told}`, hang: hangUnder(who + marked) };
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
    const { clock, columns } = this.#options;
    this.#heading(dayName(time, clock(), columns() < shortColumns));
  }

  #heading(told: string): void {
    this.#slate.print(this.style('dim', this.#options.dumb ? told : `── ${told} ──`), dumbHang);
  }
}

/** Words of somebody, each line of them as his: an indent is not heard. */
function aloud(who: string, does: 'says' | 'does', how: string, text: string): string {
  const [first = '', ...more] = cleanLines(text).split('\n');
  const manner = how === '' ? '' : ` ${how}`;
  return [`${who} ${does}${manner}: ${first}`, ...more.map((line) => `${who} goes on${manner}: ${line}`)].join('\n');
}

/** Under which column a text begins that follows a time, somebody's name and two spaces. */
function hangUnder(who: string): number {
  return timeHang + columnsOf(who) + 2;
}

function whenOf(time: number, now: number): string {
  return dayOf(time) === dayOf(now) ? timeOf(time) : `${dayOf(time)} ${timeOf(time)}`;
}
