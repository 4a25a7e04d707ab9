/** The picture in the README is of the program of today. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { draw } from '../scripts/picture.mjs';
import { play } from '../scripts/session.mjs';
import { dist } from './plays/stage.ts';

it('docs/session.svg shows what a session shows today (npm run picture draws it anew)', async ({ signal }) => {
  const drawn = await readFile(new URL('../docs/session.svg', import.meta.url), 'utf8');
  expect(draw(await play(signal, dist))).toBe(drawn);
});

it('what is drawn is text, whatever it is', () => {
  const drawn = draw([[{ column: 3, text: '  <script>&amp;', style: { color: 5, bold: true, dim: false } }]]);
  // From the sixth column on, 8.4 each, and 16 of space in front.
  expect(drawn).toContain(
    '<text x="58" y="58" textLength="109.2" fill="#d2a8ff" font-weight="bold" xml:space="preserve">&lt;script&gt;&amp;amp;</text>',
  );
  expect(drawn).not.toMatch(/<script|href|\son\w+=/u);
});
