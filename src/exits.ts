/** What the process says with its end: docs/cli.md, and the end of `--help`. */
import type { ChatCode } from './core/errors.ts';

/** `interrupted`: as a shell has it for what SIGINT has ended. */
export const exits = {
  clean: 0,
  failed: 1,
  usage: 2,
  unreceived: 3,
  refused: 4,
  unreachable: 5,
  interrupted: 130,
} as const;

export function exitOf(code: ChatCode): number {
  switch (code) {
    case 'usage':
    case 'listen':
    case 'name-invalid':
      return exits.usage;
    case 'unreachable':
    case 'several':
      return exits.unreachable;
    case 'store':
    case 'in-use':
    case 'line-empty':
    case 'line-long':
    case 'line-control':
    case 'pending-full':
    case 'left':
      return exits.failed;
    default:
      return exits.refused;
  }
}
