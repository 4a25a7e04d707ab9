/**
 * Draws docs/session.svg, the picture of the README, from a session that is played for it: `npm run picture`, after a
 * build. test/picture.test.ts holds the picture against the program of today.
 *
 * Each run of one style is a text element with a width of its own, so that columns stay columns in whatever font.
 */
import { writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { columns, play, textOf } from './session.mjs';

/** A cell, and the space around all, in units of the picture. */
const [width, height, space] = [8.4, 20, 16];
const bar = 28;
const background = '#0d1117';
const plain = '#e6edf3';
const faint = '#9198a1';
/** The sixteen colours of a terminal, as they can be read on the background. */
const palette = [
  '#6e7681',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#79c0ff',
  '#d2a8ff',
  '#39c5cf',
  '#b1bac4',
  '#8b949e',
  '#ffa198',
  '#56d364',
  '#e3b341',
  '#a5d6ff',
  '#e2c5ff',
  '#56d4dd',
  '#f0f6fc',
];

const description =
  "Bob has joined alice's room, and carol comes in. They talk; behind bob's own line stands that two of the two others " +
  'have it. Then the process of alice, who coordinates, is killed: bob is told so, and at once that he coordinates ' +
  'now, how long that took, and that nothing was lost. The talk goes on.';

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const round = (number) => Number(number.toFixed(1));

function element({ column, text, style }, row) {
  // Spaces in front are left out: not every reader of SVG keeps them.
  const words = text.trimStart();
  const x = round(space + (column + text.length - words.length) * width);
  const y = round(bar + space + row * height + 14);
  const color = style.dim ? faint : style.color === undefined ? plain : palette[style.color];
  if (color === undefined) throw new RangeError(`there is no colour ${style.color} in the palette`);
  const look = `${color === plain ? '' : ` fill="${color}"`}${style.bold ? ' font-weight="bold"' : ''}`;
  const length = round(words.length * width);
  return `  <text x="${x}" y="${y}" textLength="${length}"${look} xml:space="preserve">${escape(words)}</text>`;
}

/** @returns the picture of a screen: rows that are lists of runs */
export function draw(screen) {
  const [w, h] = [round(columns * width + 2 * space), bar + screen.length * height + 2 * space];
  const last = screen.at(-1);
  // Behind the prompt, where bob types next.
  const cursor = [round(space + (textOf(last).length + 1) * width), bar + space + (screen.length - 1) * height];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="title desc" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace" font-size="14" fill="${plain}">`,
    '  <title id="title">The coordinator of a room is killed, and the room goes on</title>',
    `  <desc id="desc">${escape(description)}</desc>`,
    `  <rect width="${w}" height="${h}" rx="8" fill="${background}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (color, index) => `  <circle cx="${20 + 20 * index}" cy="18" r="6" fill="${color}"/>`,
    ),
    ...screen.flatMap((runs, row) => runs.map((run) => element(run, row))),
    `  <rect x="${cursor[0]}" y="${cursor[1]}" width="${width}" height="18" fill="${faint}"/>`,
    '</svg>',
  ].join('\n')}\n`;
}

export const picture = fileURLToPath(new URL('../docs/session.svg', import.meta.url));

// A session takes a second or two; what it waited for in vain is told.
if (argv[1] === fileURLToPath(import.meta.url)) writeFileSync(picture, draw(await play(AbortSignal.timeout(60_000))));
