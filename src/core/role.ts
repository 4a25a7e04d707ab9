/**
 * Roles: one says what the peer becomes, by the phase that it sets, and here the other begins, when the one that said so
 * is done.
 */
import { putOut } from './coordinator.ts';
import { enter, troubleOf } from './member.ts';
import { serverSays } from './message.ts';
import { found, regroup } from './regroup.ts';
import { join, seek } from './seeking.ts';
import { close, type State } from './state.ts';

/** One role has said what this peer becomes; the other begins, which may say the same. */
export function become(state: State): void {
  for (let phase; phase !== state.phase;) {
    phase = state.phase;
    turn(state, phase);
    if (state.phase.kind === 'coordinating') putOut(state, state.phase);
  }
}

function turn(state: State, phase: State['phase']): void {
  switch (phase.kind) {
    case 'newcomer':
      return join(state, phase.addresses, phase.attempt);
    case 'lost':
      return seek(state, phase.trouble, phase.search);
    case 'elected':
      return state.room === null ? found(state) : regroup(state, phase.trouble, phase.dead);
    case 'deposed': {
      const link = state.links.get(phase.link);
      const { trouble, to, via, welcome } = phase;
      standDown(state, to, phase.link);
      if (link === undefined) return seek(state, trouble, { to });
      return enter(state, link, welcome, { trouble, attempt: 0, via, relayed: true });
    }
    case 'yielding': {
      const trouble = troubleOf(state, phase.why);
      standDown(state, phase.to);
      return seek(state, trouble, { to: phase.to });
    }
    default:
  }
}

/** Ends a reign: members are sent where this peer goes. */
function standDown(state: State, to: readonly string[], except?: number): void {
  for (const link of state.links.values()) {
    if (link.id === except) continue;
    const member = link.end.kind === 'member' || link.end.kind === 'waiting' || link.end.kind === 'stranger';
    close(state, link, member ? serverSays.coordinator(to) : undefined);
  }
}
