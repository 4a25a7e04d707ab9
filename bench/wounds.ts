/** What a room is healed of: each of these strikes a room once, and tells how long it was until all was well. */
import { performance } from 'node:perf_hooks';
import type { Budget } from './budget.ts';
import type { ProxiedRoom } from './proxied.ts';
import type { Seat } from './seat.ts';
import { sleep } from './time.ts';

export interface Wound {
  readonly name: string;
  /** What is allowed, ms. */
  readonly budget: Budget;
  /** What it is to be compared with. */
  readonly alike?: 'join';
  /** @returns how long it took, ms @throws Error when it takes too long */
  readonly strike: (room: ProxiedRoom, run: number) => Promise<number>;
}

/** How long the coordinator is stopped, or the room cut, ms. */
const awayMs = 3000;
/** So much longer at most, each run another time: the lost are called every 500 ms, and not always just then. */
const moreMs = 500;
/** How long a killed member stays away, ms. */
const killedMs = 1000;

const more = (run: number): number => (moreMs * ((run * 7) % 20)) / 20;
const first = (room: ProxiedRoom): Seat => room.seats[0] as Seat;
/** Any but the first, the successor too: another one in each run. */
const other = (room: ProxiedRoom, run: number): Seat => room.seats[1 + (run % (room.seats.length - 1))] as Seat;

async function woken(room: ProxiedRoom, run: number): Promise<number> {
  const [coordinator, ...others] = room.seats as [Seat, ...Seat[]];
  coordinator.peer.signal('SIGSTOP');
  for (const seat of others) room.say(seat, `${seat.name} when it stops`);
  await sleep(awayMs - 500);
  for (const seat of others) room.say(seat, `${seat.name} meanwhile`);
  await sleep(500 + more(run));
  const began = performance.now();
  coordinator.peer.signal('SIGCONT');
  room.say(coordinator, 'said when it wakes');
  return (await room.allSaid()) - began;
}

async function halves(room: ProxiedRoom, run: number): Promise<number> {
  const near = new Set([first(room), other(room, run)]);
  room.cut((from, to) => near.has(from) !== near.has(to));
  for (const when of ['at the cut', 'after a second', 'after two']) {
    for (const seat of room.seats) room.say(seat, `${seat.name} ${when}`);
    await sleep(awayMs / 3);
  }
  await sleep(more(run));
  for (const seat of room.seats) {
    const heard = room.seats.find(
      (one) => near.has(one) !== near.has(seat) && seat.hasPrinted(`${one.name} at the cut`),
    );
    if (heard !== undefined) throw new Error(`${seat.name} has heard ${heard.name} through the cut`);
  }
  const began = performance.now();
  room.heal();
  return (await room.allSaid()) - began;
}

async function partial(room: ProxiedRoom, run: number, held: (back: boolean) => boolean): Promise<number> {
  const coordinator = first(room);
  const member = other(room, run);
  const began = performance.now();
  room.cut((from, to) => {
    const pair = from === coordinator ? to === member : from === member && to === coordinator;
    return pair && held(from === coordinator);
  });
  room.say(member, `${member.name} at the cut`);
  const took = (await room.allSaid()) - began;
  room.heal();
  room.say(member, `${member.name} after it`);
  await room.allSaid();
  return took;
}

async function restarted(room: ProxiedRoom, run: number): Promise<number> {
  const member = other(room, run);
  await member.peer.kill();
  await sleep(killedMs / 2);
  for (const seat of room.seats) if (seat !== member) room.say(seat, `${seat.name} meanwhile`);
  await sleep(killedMs / 2);
  const began = performance.now();
  member.begin();
  room.say(member, `${member.name} again`);
  return (await room.allSaid()) - began;
}

async function allRestarted(room: ProxiedRoom): Promise<number> {
  await Promise.all(room.seats.map(({ peer }) => peer.kill()));
  const began = performance.now();
  for (const seat of room.seats) {
    seat.begin();
    room.say(seat, `${seat.name} again`);
  }
  return (await room.allSaid()) - began;
}

export const wounds: readonly Wound[] = [
  { name: 'coordinator stopped for 3 to 3.5 s, and woken', budget: { p99: 500 }, strike: woken },
  { name: 'cut in two for 3 to 3.5 s (2 and the coordinator among them, 3)', budget: { max: 2000 }, strike: halves },
  {
    name: 'a member and the coordinator do not reach each other',
    budget: { p99: 3000 },
    strike: (room, run) => partial(room, run, () => true),
  },
  {
    name: 'the coordinator does not reach a member',
    budget: { p99: 3000 },
    strike: (room, run) => partial(room, run, (back) => back),
  },
  { name: 'a member killed, and started again after 1 s', budget: {}, alike: 'join', strike: restarted },
  { name: 'all killed, and started again at once', budget: {}, strike: allRestarted },
];
