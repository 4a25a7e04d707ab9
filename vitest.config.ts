import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

const dataDir = mkdtempSync(join(tmpdir(), 'groupchat-tests-'));
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));

/** The simulator first: one file takes minutes, and what comes last keeps the other worker idle. */
class LongestFirst extends BaseSequencer {
  override async sort(...[files]: Parameters<BaseSequencer['sort']>): ReturnType<BaseSequencer['sort']> {
    const isLong = ({ moduleId }: (typeof files)[number]): number => Number(moduleId.includes('/test/sim/'));
    // eslint-disable-next-line unicorn/no-array-sort -- it is not an array's
    return (await super.sort(files)).toSorted((a, b) => isLong(b) - isLong(a));
  }
}

// eslint-disable-next-line import/no-default-export -- vitest reads the default
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many seeds and real processes take their time; a test ends when it has seen what it waits for.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
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
