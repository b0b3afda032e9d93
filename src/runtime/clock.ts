/** The cloud's clock: real time plus an offset, or frozen; its state is a record, so that it outlives the process. */

import type { AdjustableClock, ClockState } from '../framework/clock.ts';
import type { Store } from '../store/store.ts';
import { table } from '../store/table.ts';

const TIMER_MILLISECONDS_MAX = 2 ** 31 - 1;

type ClockRow = ClockState & { name: 'cloud' };

export const clocks = table<ClockRow>('haneul/clocks', { key: (row) => [row.name] });

export class ClockBackward extends Error {
  override name = 'ClockBackward';
  constructor() {
    super('cloud time cannot go backward: it would make what already happened happen again');
  }
}

export type RunningClock = AdjustableClock & {
  /** Is told of every change of the hands, after it is durable. */
  onChange(listener: () => void): void;
  close(): void;
};

/**
 * Opens the clock of a store. `manual` freezes it on first use; a clock that a user has set keeps its state in either mode.
 * Several processes on one store follow each other's changes; `onError` hears when the store could not be asked for one.
 */
export async function openClock(
  store: Store,
  mode: 'real' | 'manual' = 'real',
  onError: (error: unknown) => void = () => {},
): Promise<RunningClock> {
  let state = await store.write(async (tx): Promise<ClockState> => (await clocks.get(tx, 'cloud')) ?? { mode: 'running', offset: 0 });
  const waiters = new Set<() => void>();
  const listeners: (() => void)[] = [];
  const closing = new AbortController();

  const now = (): number => (state.mode === 'frozen' ? state.frozenAt! : Date.now() + state.offset);
  const changed = (next: ClockState): void => {
    state = next;
    for (const wake of [...waiters]) wake();
    for (const listener of listeners) listener();
  };
  const change = async (next: (current: ClockState) => ClockState): Promise<void> => {
    const target = next(state);
    await store.write((tx) => clocks.put(tx, { ...target, name: 'cloud' }));
    changed(target);
  };
  const at = (current: ClockState, time: number): ClockState =>
    current.mode === 'frozen' ? { mode: 'frozen', offset: 0, frozenAt: time } : { mode: 'running', offset: time - Date.now() };
  const set = async (time: number): Promise<void> => {
    if (!Number.isFinite(time)) throw new TypeError('not a moment in time');
    if (time < now()) throw new ClockBackward();
    await change((current) => at(current, time));
  };

  void followOthers(store, closing.signal, onError, (next) => {
    if (next.mode !== state.mode || next.offset !== state.offset || next.frozenAt !== state.frozenAt) changed(next);
  });
  if (mode === 'manual' && state.mode === 'running') await change(() => ({ mode: 'frozen', offset: 0, frozenAt: now() }));

  return {
    get state() {
      return state;
    },
    now,
    until: (time, signal) => waitUntil(time, signal, now, () => state.mode === 'frozen', waiters),
    set,
    advance: (milliseconds) => set(now() + milliseconds),
    freeze: () => change(() => ({ mode: 'frozen', offset: 0, frozenAt: now() })),
    run: () => change((current) => (current.mode === 'running' ? current : { mode: 'running', offset: current.frozenAt! - Date.now() })),
    onChange: (listener) => void listeners.push(listener),
    close: () => closing.abort(),
  };
}

function waitUntil(time: number, signal: AbortSignal, now: () => number, frozen: () => boolean, waiters: Set<() => void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      waiters.delete(look);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => finish(() => reject(signal.reason as Error));
    const look = (): void => {
      clearTimeout(timer);
      const left = time - now();
      if (left <= 0) return finish(resolve);
      if (!frozen()) timer = setTimeout(look, Math.min(left, TIMER_MILLISECONDS_MAX)).unref();
    };
    if (signal.aborted) return reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    waiters.add(look);
    look();
  });
}

/** Another process on the same store may have moved the hands. */
async function followOthers(
  store: Store,
  signal: AbortSignal,
  onError: (error: unknown) => void,
  changed: (state: ClockState) => void,
): Promise<void> {
  const changes = store.watch(clocks.prefix)[Symbol.asyncIterator]();
  signal.addEventListener('abort', () => void changes.return?.());
  for (;;) {
    const next = await changes.next();
    if (next.done || signal.aborted) return;
    try {
      const row = await store.read((tx) => clocks.get(tx, 'cloud'));
      if (row) changed({ mode: row.mode, offset: row.offset, frozenAt: row.frozenAt });
    } catch (error) {
      onError(error); // a database that is away for a moment; the next change is read again
    }
  }
}
