#!/usr/bin/env node
/** The command. Whoever asks only for the version does not wait for all the rest to be read, which takes 0.1 s. */
import { versionOf } from './version.ts';

const [only = '', ...more] = process.argv.slice(2);
if (more.length === 0 && (only === '--version' || only === '-V')) process.stdout.write(`${versionOf()}\n`);
else await import('./main.ts');
