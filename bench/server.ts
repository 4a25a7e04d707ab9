/** A server: one running process of a system under test. */
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { end, hasEnded, start } from './child.ts';
import { temporaryFolder } from './folder.ts';
import { freePort, opened } from './port.ts';
import { processorMs, residentMiB } from './process.ts';
import type { System } from './servers/system.ts';

/** How long a server may take until it listens, ms. */
const startMs = 10_000;

export class Server {
  readonly system: System;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(system: System, port: number, child: ChildProcess) {
    this.system = system;
    this.port = port;
    this.#child = child;
  }

  /**
   * Starts the system and waits until it listens.
   * @returns undefined when it is not installed
   * @throws Error with the end of what it complained of, when it does not come up
   */
  static async start(system: System): Promise<Server | undefined> {
    const port = await freePort();
    const folder = temporaryFolder();
    const command = system.command(port, folder);
    if (command === undefined) return undefined;
    const log = join(folder, 'stderr');
    const stderr = openSync(log, 'w');
    // stdin stays open: to groupchat its end would be a goodbye.
    const child = start(command, ['pipe', 'ignore', stderr]);
    closeSync(stderr);
    const server = new Server(system, port, child);
    const until = performance.now() + startMs;
    if (await opened(port, () => hasEnded(child) || performance.now() > until)) return server;
    const complaint = readFileSync(log, 'latin1').trim().slice(-500);
    await server.stop();
    throw new Error(`${system.name} does not listen: ${complaint}`);
  }

  /** The memory that the process has in RAM, MiB (VmRSS). */
  get residentMiB(): number {
    return residentMiB(this.#child.pid as number);
  }

  /** The processor time that the process has had, all threads, ms. */
  get processorMs(): number {
    return processorMs(this.#child.pid as number);
  }

  stop(): Promise<void> {
    return end(this.#child, 'SIGTERM');
  }
}
