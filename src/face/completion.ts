/** What Tab makes of the last word that is typed. Pure. */

/** Of what Tab finds so many are shown: a page. */
const listedMax = 60;

export interface Completion {
  /** What is replaced; it may be empty. */
  readonly word: string;
  /** By what; undefined where nothing is plain. */
  readonly whole?: string;
  /** Several go on differently: a line that names them. */
  readonly choice?: string;
}

/** @param found what may stand in place of the last word of what stands before the cursor */
export function completionOf(before: string, found: readonly string[]): Completion {
  const word = before.split(/\s/u).at(-1) ?? '';
  const common = found.reduce((prefix, one) => {
    let length = 0;
    while (length < prefix.length && prefix[length] === one[length]) length++;
    return prefix.slice(0, length);
  }, found[0] ?? '');
  if (found.length === 1 || common.length > word.length) return { word, whole: common };
  return found.length > 1 ? { word, choice: choiceOf(found) } : { word };
}

function choiceOf(found: readonly string[]): string {
  const more = found.length - listedMax;
  const shown = found.slice(0, listedMax).map((one) => one.trim());
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('  ');
}
