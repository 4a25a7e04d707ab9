/**
 * Lines: what a person may say. One message may have several lines, with LF between them: what was pasted.
 */
import { ChatError } from './errors.ts';
import { limits } from './limits.ts';

/** Controls but the tab and LF, line and paragraph separators, and what turns the direction of the text around. */
const control = /(?![\t\n])\p{Cc}|[\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/u;
const encoder = new TextEncoder();

/**
 * What its author does, of a line that says so: `waves` of `/me waves`, as chats have it since IRC (XEP-0245). It begins with a
 * letter or a digit, so that behind a name it looks like nothing that the program says, arrows and colons least of all.
 */
export function actionIn(text: string): string | undefined {
  return /^\/me (?<action>[\p{L}\p{N}].*)$/su.exec(text)?.groups?.['action'];
}

/** Why a line cannot be said, or undefined. */
export function lineFault(text: string): ChatError | undefined {
  if (text.trim() === '') return new ChatError('line-empty', 'an empty line is not sent');
  const bytes = encoder.encode(text).length;
  const { lineBytesMax } = limits;
  if (bytes > lineBytesMax) {
    return new ChatError(
      'line-long',
      `a line has at most ${lineBytesMax} bytes, this one has ${bytes}: send it in parts`,
    );
  }
  if (control.test(text)) {
    return new ChatError('line-control', 'a line has no control characters and nothing that turns the text around');
  }
  return undefined;
}
