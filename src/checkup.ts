/**
 * The checkup: why can nobody reach this machine? Each check finds out one thing, and says what to type where it is not
 * as it should be. They come in the order in which things go wrong: what this machine has, where it listens, whether it
 * gets into the room, whether the room gets through to it.
 *
 * Nothing is mended, founded, kept or said. What the room sees is told in visit.ts.
 */
import { addresses, Door } from './checks/door.ts';
import type { Finding, Patient } from './checks/finding.ts';
import { machine } from './checks/machine.ts';
import { nearby } from './checks/nearby.ts';
import { keyringOf, room, wayTo } from './checks/room.ts';

/** Finds out everything, one thing after the other. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  for (const check of machine) yield* await check(patient);
  const way = await wayTo(patient);
  if ('check' in way) yield way;
  const door = await Door.open(patient, keyringOf('check' in way ? undefined : way));
  try {
    yield door.finding;
    yield* addresses(patient, door);
    yield* await nearby(patient);
    if (!('check' in way)) yield* await room(patient, way, door);
  } finally {
    door.close();
  }
}
