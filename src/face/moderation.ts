/** What a person does about others in the room: /kick, /ban, /op and the like, on every face. */
import type { Command } from '../core/command.ts';
import type { FacePeer } from './face.ts';
import { clean } from './screen.ts';

export type ModerationCommand = Extract<
  Command,
  { readonly kind: 'kick' | 'ban' | 'unban' | 'op' | 'deop' | 'rekey' | 'ignore' | 'unignore' }
>;

/**
 * Does it. That it is done, the room tells everybody; the rest is the answer, '' when there is none.
 * @throws ChatError when it is not allowed, or nobody is called so
 */
export function moderate(peer: FacePeer, command: ModerationCommand): string {
  switch (command.kind) {
    case 'rekey':
      peer.rekey();
      return '';
    case 'ignore':
      peer.ignore(command.name);
      return `what ${clean(command.name)} says is not shown here any more; /unignore ${clean(command.name)} shows it again`;
    case 'unignore':
      peer.ignore(command.name, false);
      return `what ${clean(command.name)} says is shown again`;
    case 'kick': {
      const whom = clean(peer.moderate('kick', command.name));
      if (peer.access.kind === 'private') return '';
      // By the name, somebody else may be meant by then.
      return `this room is open: ${clean(command.name)} can come in again; /ban ${whom} keeps that key out`;
    }
    default:
      peer.moderate(command.kind, command.name);
      return '';
  }
}
