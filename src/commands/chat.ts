/** The room itself: at a terminal, or as lines in and lines out. */
import { exits } from '../exits.ts';
import type { Face } from '../face/face.ts';
import { Pipe } from '../face/pipe.ts';
import { Terminal } from '../face/terminal.ts';
import { Desk } from '../io/desk.ts';
import { defaultDataDir, profileFolder } from '../io/folders.ts';
import type { Settings, Stage } from '../task.ts';
import { attend } from './attend.ts';

export async function chat(stage: Stage): Promise<number> {
  const { input, output, complain, report } = stage;
  const peer = await stage.peer();
  if (typeof peer === 'number') return peer;
  const { name } = peer;
  const interactive = input.isTTY && output.isTTY;
  const desk = interactive ? await deskOf(stage.settings, name) : undefined;
  const face: Face =
    desk === undefined
      ? new Pipe({ peer, input, output, complain })
      : new Terminal({ peer, input, output, desk, screenReader: stage.settings.screenReader === true });
  endWith(face, (error) => report(error, name));
  try {
    const end = await attend(peer, face, report);
    if (typeof end === 'number') return end;
    if (end.unsent > 0) return exits.unreceived;
    return end.refused > 0 ? exits.failed : exits.clean;
  } finally {
    await desk?.close();
  }
}

async function deskOf({ dataDir, history }: Settings, name: string): Promise<Desk> {
  const folder = (): string | undefined => {
    try {
      return profileFolder(dataDir ?? defaultDataDir(), name);
    } catch {
      // A machine without a home folder keeps nothing.
      return undefined;
    }
  };
  return Desk.open({ folder: folder(), lines: history !== false });
}

/** What ends the process from outside lets the face go first. */
function endWith(face: Face, report: (error: unknown) => number): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!face.leaving) return face.leave();
      face.close();
      process.exit(exits.failed);
    });
  }
  process.on('uncaughtException', (error) => {
    face.close();
    process.exit(report(error));
  });
}
