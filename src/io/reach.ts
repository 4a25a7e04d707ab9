/** Whether somebody of our kind answers at an address: it is dialled, and hung up on as soon as the link is there. */
import { dial } from './client.ts';
import type { Keyring } from './keyring.ts';

/**
 * @param waitMs how long an answer may take
 * @returns undefined when one can be reached at one of the addresses; otherwise words that complete "10.0.0.5:6000 …"
 */
export function whyOutOfReach(
  addresses: readonly string[],
  keyring: Keyring,
  waitMs: number,
): Promise<string | undefined> {
  const attempt = dial(addresses, keyring);
  return new Promise((resolve) => {
    const late = setTimeout(() => {
      attempt.cancel();
      resolve('does not answer');
    }, waitMs);
    void attempt.done.then((dialled) => {
      clearTimeout(late);
      if ('socket' in dialled) {
        dialled.socket.destroy();
        return resolve(undefined);
      }
      return resolve(dialled.message);
    });
  });
}
