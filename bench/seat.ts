/** A seat in a room: a name, a folder, a port and a proxy before it, which stay when its process is started anew. */
import { Proxy } from '../test/plays/proxy.ts';
import { dialsFrom, originOf } from './origin.ts';
import { Peer } from './peer.ts';
import { freePort } from './port.ts';

export class Seat {
  readonly name: string;
  readonly proxy: Proxy;
  /** Whence it dials. */
  readonly origin: string;
  readonly #listen: string;
  readonly #more: readonly string[];
  /** The processes that have sat here, and what the ended ones printed. */
  readonly #lives: Peer[] = [];

  private constructor(name: string, origin: string, port: number, proxy: Proxy, more: readonly string[]) {
    this.name = name;
    this.origin = origin;
    this.proxy = proxy;
    this.#listen = `127.0.0.1:${port}`;
    this.#more = more;
  }

  /** A seat where nobody sits yet: whoever will, joins through the address, or founds the room. */
  static async of(name: string, origin: string, folder: string, join: string | undefined): Promise<Seat> {
    const port = await freePort();
    const proxy = await Proxy.to(port, originOf);
    const own = ['--advertise', proxy.address, '--data-dir', folder];
    return new Seat(name, origin, port, proxy, join === undefined ? own : [...own, '--join', join]);
  }

  /** Starts its process, always by the same command. */
  begin(): void {
    this.#lives.push(new Peer(this.name, this.#listen, this.#more, dialsFrom(this.origin)));
  }

  /** The process that was started last. */
  get peer(): Peer {
    return this.#lives.at(-1) as Peer;
  }

  /** Resolves with when the text was printed first, by whichever of its processes. */
  prints(text: string): Promise<number> {
    return (this.#lives.find((life) => life.hasPrinted(text)) ?? this.peer).prints(text);
  }

  hasPrinted(text: string): boolean {
    return this.#lives.some((life) => life.hasPrinted(text));
  }

  /** The texts that its processes have printed since this was last called, in order. */
  take(): readonly string[] {
    return this.#lives.flatMap((life) => life.take());
  }

  story(since: number): string {
    return this.#lives.map((life) => life.story(since)).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(this.#lives.map((life) => life.kill()));
    this.proxy.close();
  }
}
