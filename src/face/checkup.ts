/** What a checkup finds, in words: for `groupchat doctor`. Pure. */
import { clean } from './screen.ts';
import { count } from './text.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly fix?: string;
}

/** `ok` is small, what fails is loud; and neither needs colour. */
const marks = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const;

/** One finding: what it is, and below it what to type. */
export function findingLines({ check, state, found, fix }: Finding): string[] {
  const line = `${marks[state]}  ${check}: ${clean(found)}`;
  return fix === undefined || state === 'ok' ? [line] : [line, `      -> ${clean(fix)}`];
}

/** What it all comes to. */
export function summary(findings: readonly Pick<Finding, 'state'>[]): string {
  const [failed, warned] = (['fail', 'warn'] as const).map(
    (one) => findings.filter(({ state }) => state === one).length,
  );
  if (failed === 0 && warned === 0) return 'all is well';
  const looks = warned === 0 ? '' : `${count(warned ?? 0, 'thing')} to look at`;
  if (failed === 0) return `nothing fails; ${looks}`;
  return `${failed === 1 ? '1 thing fails' : `${failed} things fail`}${looks === '' ? '' : `; ${looks}`}`;
}
