/** What a person does about itself and about the room: /nick and the like, on every face. */
import type { Command } from '../core/command.ts';
import type { FacePeer } from './face.ts';

export type ConductCommand = Extract<Command, { readonly kind: 'nick' }>;

/**
 * Does it. That it is done, the room tells everybody; the rest is the answer, '' when there is none.
 * @throws ChatError when it cannot be done
 */
export function conduct(peer: FacePeer, command: ConductCommand): string {
  peer.nick(command.name);
  return '';
}
