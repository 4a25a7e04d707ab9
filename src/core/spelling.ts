/**
 * What a mistyped word was meant to be: the nearest of those that mean something, and none where it would be a guess.
 */

/** A longer word is like none of ours: what lies behind that is not looked at, characters. */
const comparedMax = 40;

/**
 * The name that a word is nearest to: half of it may be wrong, and at most two letters.
 * @param part what of a name was to be typed
 */
export function nearest<Name extends string>(
  typed: string,
  names: readonly Name[],
  part: (name: Name) => string = (name) => name,
): Name | undefined {
  const word = typed.slice(0, comparedMax);
  const [best] = names
    .map((name) => ({ name, far: distance(word, part(name)), length: Math.max(word.length, part(name).length) }))
    .filter(({ far, length }) => far <= Math.min(2, Math.floor(length / 2)))
    .toSorted((a, b) => a.far - b.far);
  return best?.name;
}

/** How many letters must be put in, left out, changed, or swapped with the next one (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const options = [
        (above[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (above[column - 1] as number) + (same ? 0 : 1),
      ];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) options.push((before[column - 2] as number) + 1);
      current.push(Math.min(...options));
    }
    before = above;
    above = current;
  }
  return above[to.length] as number;
}
