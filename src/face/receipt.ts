/** Receipts in words: who has what one said. Pure. */
import type { Receipt, Standing } from './face.ts';
import { list } from './text.ts';
import { clean } from './screen.ts';

/** What stands behind one's own line: `✓ 5/7`; nothing when nobody else is there. */
export function mark({ have, of }: Receipt): string {
  return of === 0 ? '' : `✓ ${have}/${of}`;
}

/** Everybody has it. */
export function complete({ have, of }: Receipt): boolean {
  return have >= of;
}

/** What /seen answers. `said`: the number of the last line that was said here, if one was. */
export function seenLine({ receipt }: Pick<Standing, 'receipt'>, said: number | undefined): string {
  if (receipt === undefined || receipt.n < (said ?? 0)) {
    return said === undefined ? 'you have not said anything yet' : 'not known yet';
  }
  const { have, of, lacking } = receipt;
  if (of === 0) return 'nobody else is here';
  if (complete(receipt)) {
    if (of === 1) return 'the other one has your last line';
    return `${of === 2 ? 'both' : `all ${of}`} others have your last line`;
  }
  const names = list(
    lacking.map(({ name }) => clean(name)),
    of - have,
  );
  const wanting = names === '' ? '' : `; ${names} ${of - have === 1 ? 'does' : 'do'} not yet`;
  return `${have} of ${of} ${have === 1 ? 'has' : 'have'} your last line${wanting}`;
}
