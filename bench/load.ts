/** The two loads that a crowd's sender gives: flat out, and at a pace. */
import { performance } from 'node:perf_hooks';
import { textBytes } from './codecs/codec.ts';
import type { Crowd } from './crowd.ts';
import { sleep } from './time.ts';

/** Lines that are said in one write when sending flat out. */
const burstLines = 50;
/** How many lines may be under way to the slowest receiver: NATS and ngircd cut off whoever falls far behind. */
export const windowLines = 1000;
/** How long the last lines may take to come, ms. */
const lastMs = 15_000;
/** The time of sending stands first in the text, in microseconds, padded to so many digits. */
const stampDigits = 16;

const flatText = 'x'.repeat(textBytes);

/**
 * Resolves when every receiver has counted so many lines.
 * @throws Error when they do not come, or more come
 */
async function everywhere(crowd: Crowd, lines: number): Promise<void> {
  const until = performance.now() + lastMs;
  while (crowd.linesEverywhere < lines) {
    if (performance.now() > until) {
      throw new Error(`somebody has ${crowd.linesEverywhere} of ${lines} lines ${lastMs} ms after the last was said`);
    }
    await crowd.moved();
  }
  const most = Math.max(...crowd.receivers.map((receiver) => receiver.lines));
  if (most > lines) throw new Error(`somebody has ${most} lines, but only ${lines} were said`);
}

/** Says so many lines at once, and waits until they are everywhere. @throws Error when a client is lost, or a line */
export async function sayAtOnce(crowd: Crowd, lines: number): Promise<void> {
  crowd.countAnew();
  crowd.sender.say(flatText, lines);
  await everywhere(crowd, lines);
}

/** What sending flat out came to, until the last line was everywhere. */
export interface Flow {
  readonly lines: number;
  readonly tookMs: number;
}

/**
 * Sends for so long as fast as the lines get through.
 * @throws Error when a client is lost, or a line
 */
export async function flatOut(crowd: Crowd, ms: number): Promise<Flow> {
  const { sender } = crowd;
  crowd.countAnew();
  const began = performance.now();
  let lines = 0;
  while (performance.now() - began < ms) {
    const room = windowLines - (lines - crowd.linesEverywhere);
    if (sender.full || room < burstLines) await crowd.moved();
    else {
      sender.say(flatText, burstLines);
      lines += burstLines;
    }
  }
  await everywhere(crowd, lines);
  return { lines, tookMs: performance.now() - began };
}

function stamped(): string {
  const microseconds = Math.round(performance.now() * 1000);
  return String(microseconds).padStart(stampDigits, '0').padEnd(textBytes, 'x');
}

function stampOf(bytes: Buffer, at: number): number {
  let microseconds = 0;
  for (let index = at; index < at + stampDigits; index++) {
    microseconds = microseconds * 10 + (bytes[index] as number) - 0x30;
  }
  return microseconds / 1000;
}

/**
 * Sends at a pace, whatever comes back: who is late with one line is late with the next too.
 * @returns the time from saying each line to each of its arrivals, ms
 * @throws Error when a client is lost, or a line
 */
export async function paced(crowd: Crowd, linesPerSecond: number, seconds: number): Promise<Float64Array> {
  const lines = linesPerSecond * seconds;
  const took = new Float64Array(lines * crowd.receivers.length);
  let arrived = 0;
  for (const receiver of crowd.receivers) {
    receiver.onLine = (bytes, at) => (took[arrived++] = performance.now() - stampOf(bytes, at));
  }
  crowd.countAnew();
  const began = performance.now();
  for (let said = 0; said < lines;) {
    const due = Math.floor(((performance.now() - began) / 1000) * linesPerSecond) + 1;
    for (; said < Math.min(due, lines); said++) crowd.sender.say(stamped());
    await sleep(1);
  }
  await everywhere(crowd, lines);
  for (const receiver of crowd.receivers) receiver.onLine = undefined;
  return took;
}
