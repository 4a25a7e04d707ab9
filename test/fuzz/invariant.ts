/**
 * What must hold of a peer after every step, whatever it was told: everything that grows has a bound (limits.ts), and
 * what refers to something refers to something that is there.
 */
import { limits } from '../../src/core/limits.ts';
import type { Coordinating } from '../../src/core/phase.ts';
import type { End, State } from '../../src/core/state.ts';
import { memberOf } from '../../src/core/view.ts';

/** What is wrong, in words. */
export function broken(state: State): string[] {
  const { log, links, phase } = state;
  const faults: string[] = [];
  const most = (what: string, size: number, bound: number): void => {
    if (!(size <= bound)) faults.push(`${what}: ${size}, above ${bound}`);
  };
  const count = (...kinds: readonly End['kind'][]): number => {
    let found = 0;
    for (const { end } of links.values()) if (kinds.includes(end.kind)) found++;
    return found;
  };
  most('strangers', count('stranger', 'sent-away'), limits.strangersMax);
  most('waiting', count('waiting'), limits.waitingMax + limits.membersMax);
  most('member links', count('member', 'sent-on'), limits.membersMax);
  most('relays', count('relay'), 2 * limits.relaysMax);
  most('targets', count('target'), 1);
  most('coordinators', count('coordinator'), 1);
  most('lost', state.lost.size, limits.lostMax + limits.comeBackMax);
  most('people', state.people.size, limits.authorsMax + limits.membersMax);
  most('checks', state.checks.length, limits.checksWaitingMax);
  most('text of checks', state.checksChars, limits.checksCharsMax);
  most('uncovered', state.uncovered.size, limits.rangesMax);
  most('gone', state.gone.length, limits.membersMax);
  most('unreached', state.unreached.size, limits.lostMax);
  most('joined by', state.joinedBy.length, limits.comeBackMax);
  most('fallback', state.fallback.length, limits.membersMax);
  most('effects kept', state.effects.length, 0);
  most('members', log.view.members.length, limits.membersMax);
  most('lineage', log.lineage.length, limits.lineageMax);
  most('authors', log.authors.size, limits.authorsMax + limits.membersMax);
  most('ranges', log.ranges.size, limits.rangesMax);
  most('log bytes', log.bytes, limits.logBytesMax + limits.bodyBytesMax);
  most('count', log.view.members.at(-1)?.joined ?? 0, log.view.count);
  for (const { lines } of log.ranges.values()) most('lines of a range', lines.length, limits.coverLinesMax);
  if (!(state.due >= state.now.ms)) faults.push(`the alarm is due at ${state.due}, before ${state.now.ms}`);
  const epochs = log.lineage.map(({ epoch }) => epoch);
  if (epochs.some((epoch, at) => at > 0 && epoch <= (epochs[at - 1] as number))) faults.push('reigns do not rise');
  if (phase.kind === 'coordinating') faults.push(...reigns(state, phase));
  if (phase.kind === 'joined' && links.get(phase.link)?.end.kind !== 'coordinator') faults.push('joined to nobody');
  if (phase.kind === 'seeking') {
    most('candidates', phase.candidates.length, 2 * limits.comeBackMax + limits.membersMax);
    most('failures', phase.failures.length, 1000);
    most('dead', phase.dead.size, limits.membersMax + limits.lostMax);
  }
  return faults;
}

function reigns(state: State, phase: Coordinating): string[] {
  const faults: string[] = [];
  const { log, links } = state;
  for (const [peer, id] of phase.members) {
    const end = links.get(id)?.end;
    if (end?.kind !== 'member' || end.peer !== peer) faults.push(`${peer} has no link of its own`);
    if (memberOf(log.view, peer) === undefined) faults.push(`${peer} is served and not in the view`);
  }
  for (const { end } of links.values()) {
    if (end.kind === 'member' && !phase.members.has(end.peer)) faults.push(`${end.peer} has a link and is not served`);
  }
  for (const [name, table] of [
    ['holds', phase.holds],
    ['asked', phase.asked],
    ['suspects', phase.suspects],
  ] as const) {
    for (const peer of table.keys())
      if (memberOf(log.view, peer) === undefined) faults.push(`${name}: ${peer} is not in the view`);
  }
  if (phase.former.size > limits.membersMax) faults.push(`former: ${phase.former.size}`);
  if (phase.stays.size > limits.lostMax + 1) faults.push(`stays: ${phase.stays.size}`);
  if (phase.gathering !== null) {
    let count = 0;
    for (const { byN } of phase.gathering.lines.values()) count += byN.size;
    if (count !== phase.gathering.count) faults.push(`gathered are ${count}, and not ${phase.gathering.count}`);
    if (count > limits.gatherMax + limits.pendingMax) faults.push(`gathered: ${count}`);
  }
  return faults;
}
