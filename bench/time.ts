/** Waiting, with an end. Times in ms. */
import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * The promise, if it settles in time.
 * @throws Error when it does not: `it took more than … ms`, and then `what`
 */
export async function within<Value>(ms: number, what: () => string, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it took more than ${ms} ms ${what()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
