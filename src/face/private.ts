/** Private messages in words, and whom one answers. Pure but for remembering who wrote last. */
import { ChatError } from '../core/errors.ts';
import type { PrivateMessage } from '../core/step.ts';
import type { FacePeer } from './face.ts';
import { clean } from './screen.ts';

/**
 * What stands behind `* ` where only lines can be printed: `alice to you: text`, `to alice: text`. Nobody can forge it,
 * since no name has a space.
 */
export function told({ own, away, name, text }: PrivateMessage): string {
  // A tab moves nothing but to the right.
  const shown = text.split('\t').map(clean).join('\t');
  if (!own) return `${clean(name)} to you: ${shown}`;
  return `to ${clean(name)}${away ? ' (away)' : ''}: ${shown}`;
}

/** Who has written privately, and is answered by /r. */
export class Correspondence {
  readonly #peer: FacePeer;
  #last: PrivateMessage | undefined;

  constructor(peer: FacePeer) {
    this.#peer = peer;
  }

  hear(message: PrivateMessage): void {
    if (!message.own) this.#last = message;
  }

  /** Writes to that person; to whoever wrote last, if none is named. @returns why it cannot be, or undefined */
  tell(to: string | undefined, text: string): ChatError | undefined {
    // The key, not the name: somebody else may have that by now.
    const whom = to ?? (this.#last && `${this.#last.name}:${this.#last.key}`);
    if (whom === undefined) return new ChatError('unknown-name', 'nobody has written to you: /msg writes to somebody');
    try {
      this.#peer.tell(whom, text);
      return undefined;
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return new ChatError(error.code, clean(error.message));
    }
  }
}
