/** Markdown: tables, and what the numbers were measured on. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** Takes a line for whoever waits. */
export type Progress = (text: string) => void;

/** A table; cells that a row lacks are empty, and its first column is aligned left, the others right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${head.map((_name, column) => cells[column] ?? '').join(' | ')} |`;
  const rule = head.map((_cell, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => line(cells)).join('\n');
}

/** A number to three digits, with its thousands apart: `1,234,000`, `12.3`, `0.456`. */
export function digits(number: number): string {
  if (Number.isNaN(number)) return '-';
  return number.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

function commit(): string {
  const hash = git('rev-parse', '--short', 'HEAD');
  if (hash === '') return 'unknown';
  return git('status', '--porcelain', 'src', 'bench') === '' ? hash : `${hash}, with changes since`;
}

/** The machine, the versions and the command. */
export function heading(command: string): string {
  const processors = cpus();
  // Every groupchat that is started here takes its settings from them too.
  const settings = Object.entries(process.env)
    .filter(([key]) => key.startsWith('GROUPCHAT_'))
    .map(([key, value]) => `${key}=${value}`);
  const rows = [
    [
      'machine',
      `${processors.length} cores, ${processors[0]?.model ?? 'unknown'}, ${digits(totalmem() / 2 ** 30)} GiB`,
    ],
    ['load average at the start', loadavg().map(digits).join(', ')],
    ['node', process.version],
    ['commit', commit()],
    ['command', `\`${[...settings, command].join(' ')}\``],
  ];
  return `# groupchat: measurements\n\n${rows.map(([name, value]) => `- ${name}: ${value}`).join('\n')}`;
}
