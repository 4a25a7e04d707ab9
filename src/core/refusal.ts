/**
 * Why this peer is not let in, or was let go, in words of its own.
 *
 * Anybody may answer where this peer dials, and anybody may coordinate; so what a refusal says in its own words is never
 * shown as if it were ours, or "to go on, type …" would be believed. For each code that this version knows there are
 * words here. Only where the other side knows more, and for other codes, it is quoted, and said to be quoted.
 *
 * That somebody was put out is a fact only if the act of one who may do that comes with it (moderation.ts).
 */
import type { Refusal } from './message.ts';

/** Of what the other side says so much is shown, in characters. */
const quoteMax = 200;

/** @param by who has put this peer out, where that is proven */
export function whyRefused({ code, message }: Refusal, by?: string): string {
  switch (code) {
    case 'kicked':
      return by === undefined ? 'the other side says that you were put out of this room' : putOutBy(code, by);
    case 'banned':
      return by === undefined ? 'the other side says that you are banned from this room' : putOutBy(code, by);
    case 'other-key':
      return keyChanged;
    case 'encrypted':
      return 'that room is encrypted: leave out --plain, or use the same version of groupchat';
    case 'version':
      return `the room speaks another version of groupchat: use the same one on both sides${quoted(message)}`;
    case 'other-room':
      return 'that is another room';
    case 'self':
      return 'that address is your own: --join takes the address of somebody else';
    case 'room-full':
      return 'the room is full';
    case 'name-taken':
      return 'the name is taken in this room';
    case 'name-invalid':
      return `the room does not take it${quoted(message)}`;
    case 'slow':
      return 'this peer fell too far behind';
    case 'flood':
      return 'this peer said too much for too long';
    case 'dropped':
      return 'this peer was taken for gone';
    default:
      return `the other side refuses (${code})${quoted(message)}`;
  }
}

/** What somebody is told who is put out by one who may do that. */
export function putOutBy(code: 'kicked' | 'banned', by: string): string {
  return code === 'kicked' ? `${by} has put you out of this room` : `${by} has banned you from this room`;
}

export const keyChanged = 'the key of this room was changed: ask a member for a new invite, which /invite shows there';

/** Nothing in it closes the quotation, breaks the line, fills it with nothing or hides. */
function quoted(message: string): string {
  const shown = Array.from(
    message
      .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
      .replaceAll(/\p{Zs}+/gu, ' ')
      .replaceAll('"', "'"),
  );
  if (shown.length === 0) return '';
  const most = shown.length > quoteMax ? `${shown.slice(0, quoteMax).join('')}…` : shown.join('');
  return `; the other side says: "${most}"`;
}
