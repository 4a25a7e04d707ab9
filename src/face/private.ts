/** Private messages in words, and whom one answers. Pure but for remembering who wrote last. */
import { actionIn } from '../core/line.ts';
import { ChatError } from '../core/errors.ts';
import type { PrivateMessage } from '../core/step.ts';
import type { FacePeer } from './face.ts';
import { clean } from './screen.ts';

/**
 * What stands behind `* ` where only lines can be printed: `alice to you: text`, `to alice: text`. Nobody can forge it,
 * since no name has a space.
 */
export function told({ own, away, name, text }: PrivateMessage): string {
  const action = actionIn(text);
  // A tab moves nothing but to the right.
  const shown = (action === undefined ? text : `* ${action}`).split('\t').map(clean).join('\t');
  if (!own) return `${clean(name)} to you: ${shown}`;
  return `to ${clean(name)}${away ? ' (not here)' : ''}: ${shown}`;
}

/** Whom one writes to privately. */
export interface Partner {
  readonly name: string;
  readonly key: string;
}

/** Who has written privately, and is answered by /r. */
export class Correspondence {
  readonly #peer: FacePeer;
  #last: PrivateMessage | undefined;

  constructor(peer: FacePeer) {
    this.#peer = peer;
  }

  /** Whom /r answers. */
  get last(): Partner | undefined {
    return this.#last;
  }

  /** Whom all that is typed is to go to. @throws ChatError when it is not clear who is meant */
  partner(typed: string): Partner {
    // No name has a colon.
    const [name = '', key = ''] = typed.split(':');
    const found = this.#peer.whois(name).filter((one) => one.key.startsWith(key));
    const [first, ...more] = found.filter(({ own }) => !own);
    if (first === undefined) {
      throw new ChatError('unknown-name', found.length > 0 ? 'that is you' : `nobody is known as ${clean(typed)}`);
    }
    if (more.length > 0) {
      const keys = [first, ...more].map((one) => `/msg ${clean(one.name)}:${one.key.slice(0, 8)}`);
      throw new ChatError('ambiguous-name', `several are called ${clean(name)}: type ${keys.join(' or ')}`);
    }
    return { name: first.name, key: first.key };
  }

  hear(message: PrivateMessage): void {
    if (!message.own) this.#last = message;
  }

  /** Writes to that person; to whoever wrote last, if none is named. @returns why it cannot be, or undefined */
  tell(to: string | Partner | undefined, text: string): ChatError | undefined {
    const one = to ?? this.#last;
    // The key, not the name: somebody else may have that by now.
    const whom = typeof one === 'object' ? `${one.name}:${one.key}` : one;
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
