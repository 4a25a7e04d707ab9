/** How much is measured: the plan of a full run, and that of a quick one, which only shows that everything works. */

export interface Plan {
  readonly fanout: { readonly receivers: readonly number[]; readonly runs: number; readonly ms: number };
  readonly latency: { readonly receivers: number; readonly linesPerSecond: number; readonly seconds: number };
  readonly join: { readonly members: number; readonly historyLines: number; readonly joins: number };
  readonly handshake: { readonly runs: number };
  readonly finding: { readonly runs: number; readonly floodMs: number; readonly beaconsPerS: number };
  readonly private: { readonly members: number; readonly joins: number };
  readonly siege: {
    readonly members: number;
    readonly seconds: number;
    readonly connections: number;
    readonly attemptsPerSecond: number;
  };
  readonly tail: { readonly linesPerSecond: number; readonly seconds: number };
  readonly memory: { readonly members: number; readonly settleMs: number };
  readonly failover: { readonly peers: number; readonly runs: number; readonly rooms: number };
  readonly healing: { readonly peers: number; readonly runs: number };
  readonly start: { readonly runs: number };
  readonly typing: { readonly lines: number; readonly runs: number };
  readonly scale: {
    readonly peers: number;
    /** Said in each half. */
    readonly lines: number;
    /** Lines that are kept when a peer is started again. */
    readonly kept: number;
    readonly runs: number;
    readonly ms: number;
  };
}

export const full: Plan = {
  fanout: { receivers: [20, 200], runs: 5, ms: 2000 },
  latency: { receivers: 50, linesPerSecond: 400, seconds: 10 },
  join: { members: 10, historyLines: 100, joins: 200 },
  handshake: { runs: 500 },
  finding: { runs: 20, floodMs: 10_000, beaconsPerS: 10_000 },
  private: { members: 5, joins: 200 },
  siege: { members: 10, seconds: 20, connections: 1000, attemptsPerSecond: 500 },
  memory: { members: 200, settleMs: 5000 },
  tail: { linesPerSecond: 20_000, seconds: 10 },
  failover: { peers: 5, runs: 30, rooms: 2 },
  healing: { peers: 5, runs: 30 },
  start: { runs: 20 },
  typing: { lines: 2000, runs: 5 },
  scale: { peers: 20, lines: 1000, kept: 100_000, runs: 5, ms: 2000 },
};

export const quick: Plan = {
  fanout: { receivers: [20, 200], runs: 1, ms: 300 },
  latency: { ...full.latency, seconds: 1 },
  join: { ...full.join, joins: 20 },
  handshake: { runs: 50 },
  finding: { ...full.finding, runs: 3, floodMs: 2000 },
  private: { ...full.private, joins: 20 },
  siege: { ...full.siege, seconds: 3 },
  memory: { ...full.memory, settleMs: 1000 },
  tail: { ...full.tail, seconds: 2 },
  failover: { peers: 5, runs: 3, rooms: 1 },
  healing: { peers: 5, runs: 2 },
  start: { runs: 3 },
  typing: { lines: 2000, runs: 1 },
  scale: { ...full.scale, runs: 1, ms: 300 },
};

/** The plan with so many runs of each row of the fan-out, the failover and the healing. */
export function withRuns(plan: Plan, runs: number): Plan {
  const { fanout, failover, healing } = plan;
  return { ...plan, fanout: { ...fanout, runs }, failover: { ...failover, runs }, healing: { ...healing, runs } };
}
