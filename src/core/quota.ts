/**
 * Quotas: how much a member may say.
 *
 * Each has a token bucket of its own, so that who says too much takes nothing from the others: its link is not read until
 * it has tokens again, which TCP tells it by itself. Nothing is lost by that, and an honest bot is only slowed. Who still
 * says more than it may after a minute of this is let go.
 *
 * A signature costs as much as fifty lines, so signatures are counted by themselves: a line typed now and then has one, a
 * burst hardly any. They only slow: who comes over from another part of the room brings those of everybody there.
 */
import { limits } from './limits.ts';

/** Tokens of one member. Owned by its link and changed in place. */
export interface Quota {
  lines: number;
  bytes: number;
  /** Signatures; taken when one comes, since only whoever looks at it knows whether it is new. */
  covers: number;
  /** When they were counted last (ms). */
  at: number;
  /** Since when it says more than it may (ms); null when it does not. */
  since: number | null;
}

/** What a member may say each second, and twice of it at once after a rest. */
export interface Rate {
  readonly lines: number;
  readonly bytes: number;
  readonly covers: number;
}

export function rateOf(lines: number = limits.memberLinesPerS): Rate {
  return { lines, bytes: limits.memberBytesPerS, covers: limits.memberCoversPerS };
}

export function fullQuota({ lines, bytes, covers }: Rate, now: number): Quota {
  return { lines: 2 * lines, bytes: 2 * bytes, covers: 2 * covers, at: now, since: null };
}

/**
 * Takes tokens for what a member has said.
 * @returns until when its link is not to be read (ms); `now` when it may go on
 */
export function spend(quota: Quota, rate: Rate, lines: number, bytes: number, now: number): number {
  const seconds = Math.max(0, now - quota.at) / 1000;
  quota.lines = Math.min(2 * rate.lines, quota.lines + seconds * rate.lines) - lines;
  quota.bytes = Math.min(2 * rate.bytes, quota.bytes + seconds * rate.bytes) - bytes;
  quota.covers = Math.min(2 * rate.covers, quota.covers + seconds * rate.covers);
  quota.at = now;
  const lack = Math.max(-quota.lines / rate.lines, -quota.bytes / rate.bytes);
  if (lack > 0) quota.since ??= now;
  else if (quota.lines >= rate.lines && quota.bytes >= rate.bytes) quota.since = null;
  return now + 1000 * Math.max(0, lack, -quota.covers / rate.covers);
}

/** Whether a member has said more than it may for too long. */
export function isFlood({ since }: Quota, now: number): boolean {
  return since !== null && now - since >= limits.floodMs;
}
