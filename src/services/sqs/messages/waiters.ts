/**
 * Long polls that wait: they cost nothing until a message comes. Nothing durable is here; who waits is known only to this process.
 * Each message that becomes due wakes one of those who wait for its queue; whoever leaves without using the call passes it on.
 */

import type { Clock } from '../../../framework/clock.ts';
import { decodeKey } from '../../../store/keys.ts';
import type { Change, Store } from '../../../store/store.ts';
import { dues } from '../tables.ts';

export type Ticket = {
  /** Resolves with true when a message may be there, with false at the deadline or when the caller has gone. */
  called(deadline: number, signal: AbortSignal): Promise<boolean>;
  leave(): void;
};

export type Waiters = {
  join(pile: string): Ticket;
  isWaitedFor(pile: string): boolean;
  /** Something is due at this moment, or may be now. */
  expect(pile: string, at: number): void;
};

type Seat = { isCalled: boolean; wake: () => void };
type Room = { seats: Set<Seat>; alarmAt?: number; alarm?: AbortController };

const hubs = new WeakMap<Store, Waiters>();

/** The waiters of a cloud. */
export function waitersOf(store: Store, clock: Clock): Waiters {
  let hub = hubs.get(store);
  if (!hub) hubs.set(store, (hub = createWaiters(store, clock)));
  return hub;
}

function createWaiters(store: Store, clock: Clock): Waiters {
  const rooms = new Map<string, Room>();
  const callOne = (pile: string): void => {
    for (const seat of rooms.get(pile)?.seats ?? []) {
      if (seat.isCalled) continue;
      seat.isCalled = true;
      return seat.wake();
    }
  };
  const expect = (pile: string, at: number): void => {
    const room = rooms.get(pile);
    if (!room) return;
    if (at <= clock.now()) return callOne(pile);
    if (room.alarmAt !== undefined && room.alarmAt <= at) return;
    room.alarm?.abort();
    const alarm = new AbortController();
    Object.assign(room, { alarm, alarmAt: at });
    clock.until(at, alarm.signal).then(
      () => {
        delete room.alarmAt;
        callOne(pile);
      },
      () => undefined, // an earlier alarm took its place, or nobody waits any more
    );
  };
  const leave = (pile: string, seat: Seat): void => {
    const room = rooms.get(pile);
    if (!room?.seats.delete(seat)) return;
    if (room.seats.size === 0) {
      room.alarm?.abort();
      rooms.delete(pile);
    } else if (seat.isCalled) callOne(pile);
  };
  void listen(store, rooms, expect, callOne);
  return {
    isWaitedFor: (pile) => rooms.has(pile),
    expect,
    join: (pile) => {
      const seat: Seat = { isCalled: false, wake: () => {} };
      const room = rooms.get(pile) ?? { seats: new Set() };
      rooms.set(pile, room);
      room.seats.add(seat);
      return { called: (deadline, signal) => called(clock, seat, deadline, signal), leave: () => leave(pile, seat) };
    },
  };
}

/** Follows the commits. Who does not wait costs one look at an empty map. */
async function listen(
  store: Store,
  rooms: Map<string, Room>,
  expect: (pile: string, at: number) => void,
  callOne: (pile: string) => void,
): Promise<void> {
  const { prefix } = dues;
  for await (const change of store.watch(prefix)) {
    if (rooms.size === 0) continue;
    const due = dueOf(change, prefix.length);
    if (due === 'unknown') for (const pile of rooms.keys()) callOne(pile);
    else if (due) expect(due.pile, due.at);
  }
}

/**
 * A change without a value is a deletion, or was made by another process of a cluster: then a look is cheaper than a message that
 * waits. What comes back by itself is told by its first writer.
 */
function dueOf(change: Change, prefixLength: number): { pile: string; at: number } | 'unknown' | undefined {
  if (change.key.length <= prefixLength) return 'unknown';
  const [pile, kind, at] = decodeKey(change.key.subarray(prefixLength));
  if (change.value === undefined && kind === 'flight') return undefined;
  return { pile: pile as string, at: at as number };
}

async function called(clock: Clock, seat: Seat, deadline: number, signal: AbortSignal): Promise<boolean> {
  if (!seat.isCalled) {
    if (signal.aborted) return false;
    const stop = new AbortController();
    const quit = (): void => stop.abort();
    signal.addEventListener('abort', quit);
    await new Promise<void>((resolve) => {
      seat.wake = resolve;
      clock.until(deadline, stop.signal).then(resolve, () => resolve());
    });
    seat.wake = () => {};
    signal.removeEventListener('abort', quit);
    stop.abort();
  }
  if (!seat.isCalled || signal.aborted) return false;
  seat.isCalled = false;
  return true;
}
