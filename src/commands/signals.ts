/** What ends a process from outside lets the goodbye be said first; a second signal does not. */
import { exits } from '../exits.ts';

export function onSignal(leave: () => void): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(exits.failed);
      asked = true;
      leave();
    });
  }
}
