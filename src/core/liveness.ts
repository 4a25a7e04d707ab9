/**
 * Liveness: is the other side alive? Judged from arrival times alone, by one's own clock.
 *
 * Any byte that arrives is life. Silence for `silenceMs` is suspicion, but only if I was awake to hear: when my own
 * alarm rings late by more than a little, it was I who was away (suspended, or stalled), and every count starts again.
 */
import { limits } from './limits.ts';

/** An alarm this late, as a part of `silenceMs`, means that this process did not run. A busy loop is late by less. */
const lateShare = 1 / 4;

/** When a peer last heard of at `heard` becomes suspect, ms. */
export function silentAt(heard: number, silenceMs: number): number {
  return heard + silenceMs;
}

/**
 * How long this process was away, ms, or 0.
 * @param due when its alarm should have rung, ms
 */
export function sleptFor(due: number, now: number, silenceMs: number): number {
  return now - due > silenceMs * lateShare ? now - due : 0;
}

/** How long one who has said `auth` waits for the welcome, ms: as long as a regroup, which awaits all who live. */
export function welcomeMs({
  silenceMs,
  backoffMs,
}: {
  readonly silenceMs: number;
  readonly backoffMs: number;
}): number {
  return limits.welcomeMs + silenceMs + backoffMs;
}

/**
 * How long a suspect has to greet when it is dialled afresh, ms: 200 (a local network answers within a few), or more
 * where a longer silence is allowed because the network is slow.
 */
export function verifyMs(silenceMs: number): number {
  return Math.max(200, silenceMs / 5);
}
