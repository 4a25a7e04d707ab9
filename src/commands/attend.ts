/** Being in the room with a face. */
import type { Face, Outcome } from '../face/face.ts';
import type { Peer } from '../peer.ts';
import type { Stage } from '../task.ts';

/** Enters the room, and stays until the face has done. @returns how that ended; the exit code of what went wrong */
export async function attend(peer: Peer, face: Face, report: Stage['report']): Promise<Outcome | number> {
  try {
    const entered = peer.start().catch((error: unknown) => {
      // Whoever goes before it is in has not failed to get in.
      if (!face.leaving) throw error;
    });
    await Promise.race([entered, face.done]);
    return await face.done;
  } catch (error) {
    face.close();
    const code = report(error, peer.name);
    // What was to be kept is on its way to the disk.
    await peer.leave();
    return code;
  }
}
