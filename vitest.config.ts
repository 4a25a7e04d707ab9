import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const dataDir = mkdtempSync(join(tmpdir(), 'groupchat-tests-'));
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));

// eslint-disable-next-line import/no-default-export -- vitest reads the default
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many seeds and real processes take their time; a test ends when it has seen what it waits for.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // What tests start keeps no rooms and no keys where those of the person are who runs them, and reads none of his config.
    // Nor do they find each other, or a room of that person, but where they are told to.
    env: {
      GROUPCHAT_NO_HISTORY: '1',
      GROUPCHAT_NO_CONFIG: '1',
      GROUPCHAT_DATA_DIR: dataDir,
      GROUPCHAT_NO_DISCOVERY: '1',
    },
  },
});
