/**
 * Names: what a person may be called, and which names count as the same.
 */
import { ChatError } from './errors.ts';
import { limits } from './limits.ts';

/** Made when first needed: making it takes longer than all else that a peer does before it listens. */
let segmenter: Intl.Segmenter | undefined;
/** White space, and all that does not show: controls, formats (bidi, zero-width), fillers, private use. */
const unshown = /[\p{White_Space}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** Emoji as they are recommended for general interchange: joiners and selectors have a place in them only. */
const emoji = new RegExp('\\p{RGI_Emoji}', 'gv');
const encoder = new TextEncoder();

/** The characters that a person sees. */
function graphemes(text: string): string[] {
  if (/^[ -~]*$/.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many characters a person sees. */
export function graphemeCount(text: string): number {
  return graphemes(text).length;
}

/** What is wrong with a name, or undefined. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'a name must not be empty';
  // Bytes first: counting the graphemes of a megabyte is work that a stranger could make us do.
  if (encoder.encode(name).length > limits.nameBytesMax) return `a name has at most ${limits.nameBytesMax} bytes`;
  if (graphemeCount(name) > limits.nameGraphemesMax) return `a name has at most ${limits.nameGraphemesMax} characters`;
  if (unshown.test(name.replace(emoji, ''))) return 'a name has no spaces and no characters that do not show';
  if (name.includes(':') || name.startsWith('/')) return 'a name has no colon and does not start with a slash';
  return undefined;
}

/** @throws ChatError `name-invalid` */
export function checkName(name: string): void {
  const fault = nameFault(name);
  if (fault !== undefined) throw new ChatError('name-invalid', fault);
}

/** Names with the same key count as the same: letter case and compatibility forms make no difference. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** The name itself if nobody has it, or the first of name2, name3, … that is free. */
export function freeName(name: string, taken: Iterable<string>): string {
  const keys = new Set(Array.from(taken, nameKey));
  if (!keys.has(nameKey(name))) return name;
  for (let number = 2; ; number++) {
    const suffix = String(number);
    let stem = name;
    // A suffix must not push the name over its limit.
    while (nameFault(stem + suffix) !== undefined) stem = graphemes(stem).slice(0, -1).join('');
    if (!keys.has(nameKey(stem + suffix))) return stem + suffix;
  }
}
