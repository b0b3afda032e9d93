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
  join(queue: string): Ticket;
  isWaitedFor(queue: string): boolean;
  /** Something is due at this moment, or may be now. */
  expect(queue: string, at: number): void;
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
  const callOne = (queue: string): void => {
    for (const seat of rooms.get(queue)?.seats ?? []) {
      if (seat.isCalled) continue;
      seat.isCalled = true;
      return seat.wake();
    }
  };
  const expect = (queue: string, at: number): void => {
    const room = rooms.get(queue);
    if (!room) return;
    if (at <= clock.now()) return callOne(queue);
    if (room.alarmAt !== undefined && room.alarmAt <= at) return;
    room.alarm?.abort();
    const alarm = new AbortController();
    Object.assign(room, { alarm, alarmAt: at });
    clock.until(at, alarm.signal).then(
      () => {
        delete room.alarmAt;
        callOne(queue);
      },
      () => undefined, // an earlier alarm took its place, or nobody waits any more
    );
  };
  const leave = (queue: string, seat: Seat): void => {
    const room = rooms.get(queue);
    if (!room?.seats.delete(seat)) return;
    if (room.seats.size === 0) {
      room.alarm?.abort();
      rooms.delete(queue);
    } else if (seat.isCalled) callOne(queue);
  };
  void listen(store, rooms, expect, callOne);
  return {
    isWaitedFor: (queue) => rooms.has(queue),
    expect,
    join: (queue) => {
      const seat: Seat = { isCalled: false, wake: () => {} };
      const room = rooms.get(queue) ?? { seats: new Set() };
      rooms.set(queue, room);
      room.seats.add(seat);
      return { called: (deadline, signal) => called(clock, seat, deadline, signal), leave: () => leave(queue, seat) };
    },
  };
}

/** Follows the commits. Who does not wait costs one look at an empty map. */
async function listen(
  store: Store,
  rooms: Map<string, Room>,
  expect: (queue: string, at: number) => void,
  callOne: (queue: string) => void,
): Promise<void> {
  const { prefix } = dues;
  for await (const change of store.watch(prefix)) {
    if (rooms.size === 0) continue;
    const due = dueOf(change, prefix.length);
    if (due === 'unknown') for (const queue of rooms.keys()) callOne(queue);
    else expect(due.queue, due.at);
  }
}

/**
 * A change without a value is a deletion, or was made by another process of a cluster: then a look is cheaper than a message that
 * waits.
 */
function dueOf(change: Change, prefixLength: number): { queue: string; at: number } | 'unknown' {
  if (change.key.length <= prefixLength) return 'unknown';
  const [pile, at] = decodeKey(change.key.subarray(prefixLength));
  return { queue: (pile as string).split('.', 1)[0]!, at: at as number };
}

/** One for all: a reason that is made anew each time, with where it was made, costs more than the wait. */
const overReason = new Error('nobody waits any more');

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
    stop.abort(overReason);
  }
  if (!seat.isCalled || signal.aborted) return false;
  seat.isCalled = false;
  return true;
}
