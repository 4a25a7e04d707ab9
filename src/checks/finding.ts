/** What a check finds out, and of whom. */
import type { Stage } from '../task.ts';

export interface Finding {
  /** What was looked at: `port`. */
  readonly check: string;
  /** `warn`: it may be a fault, or become one. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to type, or to do, where it is not as it should be. */
  readonly fix?: string;
}

/** Of whom things are found out. */
export type Patient = Pick<Stage, 'settings' | 'configuration' | 'admission'>;
export type Check = (patient: Patient) => Promise<readonly Finding[]>;
