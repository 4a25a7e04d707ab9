/** A room of real processes, each behind a proxy that it advertises: so any two can be cut off from each other. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { nobody } from '../test/plays/proxy.ts';
import { temporaryFolder } from './folder.ts';
import { origin } from './origin.ts';
import { Seat } from './seat.ts';
import { within } from './time.ts';
import { judge, type Verdict } from './verdict.ts';

/** How long a line may take to be printed by everybody, ms. Beyond it, it counts as lost. */
const everywhereMs = 15_000;

export class ProxiedRoom {
  /** Earliest first: so the first coordinates, and the second is its successor. */
  readonly seats: readonly Seat[];
  readonly #said: string[] = [];
  /** How long the latest one took to join: from its start until everybody had printed its first line. */
  joinMs = Number.NaN;

  private constructor(seats: readonly Seat[]) {
    this.seats = seats;
  }

  /** @throws Error when somebody does not get in */
  static async open(size: number): Promise<ProxiedRoom> {
    const seats: Seat[] = [];
    const folder = temporaryFolder();
    const room = new ProxiedRoom(seats);
    try {
      while (seats.length < size) {
        const number = seats.length + 1;
        const seat = await Seat.of(`p${number}`, origin(number), join(folder, 'rooms'), seats[0]?.proxy.address);
        const began = performance.now();
        seat.begin();
        seats.push(seat);
        // Once everybody has printed its line, it is in, and everybody knows.
        room.joinMs = (await room.everywhere([room.say(seat, `${seat.name} is here`)])) - began;
      }
      return room;
    } catch (error) {
      await room.close();
      throw error;
    }
  }

  /** @returns the text, which everybody is to print once */
  say({ peer }: Seat, text: string): string {
    this.#said.push(text);
    peer.say(text);
    return text;
  }

  /** @returns when everybody has printed all of these, by `performance.now()` @throws Error when not in time */
  async everywhere(texts: readonly string[]): Promise<number> {
    const printed = Promise.all(this.seats.flatMap((seat) => texts.map((text) => seat.prints(text))));
    const lacking = (): string => {
      const lack = this.seats.flatMap((seat) => {
        const missing = texts.filter((text) => !seat.hasPrinted(text));
        return missing.length === 0 ? [] : [`${seat.name} printed "${missing.join('", "')}"`];
      });
      return `until ${lack.join(', ')}`;
    };
    return Math.max(...(await within(everywhereMs, lacking, printed)));
  }

  /** @returns when everybody has printed all that was ever said here @throws Error when not in time */
  allSaid(): Promise<number> {
    return this.everywhere(this.#said);
  }

  /** From now on bytes from one to another are held where this says so. */
  cut(holds: (from: Seat, to: Seat) => boolean): void {
    for (const seat of this.seats) {
      seat.proxy.hold((dialler, toward) => {
        const other = this.seats.find((one) => one.origin === dialler);
        // It has hung up already.
        if (other === undefined) return true;
        return toward === 'target' ? holds(other, seat) : holds(seat, other);
      });
    }
  }

  heal(): void {
    for (const { proxy } of this.seats) proxy.hold(nobody);
  }

  /** Whether everybody has printed every line that was ever said here exactly once; the order is not looked at. */
  verdict(): Pick<Verdict, 'lost' | 'doubled'> {
    const screens = this.seats.map((seat) => seat.take());
    const { lost, doubled } = judge(screens, this.#said);
    return { lost, doubled };
  }

  /** All screens, to find out what went wrong. */
  story(since: number): string {
    return this.seats.map((seat) => seat.story(since)).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.seats.map((seat) => seat.close()));
  }
}
