/** A row of a table for each system, from a server that was started for it alone. */
import type { Progress } from './report.ts';
import { Server } from './server.ts';
import type { System } from './servers/system.ts';

export const absent = 'not installed';

export function failed(error: unknown): string {
  return `failed: ${error instanceof Error ? error.message : String(error)}`;
}

async function cells(system: System, measure: (server: Server) => Promise<string[]>): Promise<string[]> {
  const server = await Server.start(system);
  if (server === undefined) return [absent];
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

/** One after the other. What fails is said in its row, and the others go on. */
export async function rowsOf(
  systems: readonly System[],
  progress: Progress,
  measure: (server: Server) => Promise<string[]>,
): Promise<string[][]> {
  const rows: string[][] = [];
  for (const system of systems) {
    const row = [system.name, ...(await cells(system, measure).catch((error: unknown) => [failed(error)]))];
    progress(row.join('  '));
    rows.push(row);
  }
  return rows;
}
