/** Cloud time: the one clock that everything in a cloud reads, and that a user may freeze or advance. */

export interface Clock {
  /** Milliseconds since the epoch, in cloud time. */
  now(): number;
  /** Resolves when cloud time has reached `time` (at once if it has), or rejects with the signal's reason. */
  until(time: number, signal: AbortSignal): Promise<void>;
}

/** A clock whose hands a user moves: `haneul clock`. Its state is durable. */
export interface AdjustableClock extends Clock {
  readonly state: ClockState;
  /** Moves cloud time forward by a number of milliseconds; never backward. */
  advance(milliseconds: number): Promise<void>;
  /** Sets cloud time; refused when it would go backward. */
  set(time: number): Promise<void>;
  freeze(): Promise<void>;
  run(): Promise<void>;
}

export type ClockState = {
  mode: 'running' | 'frozen';
  /** Cloud time minus real time, milliseconds, while running. */ offset: number;
  /** Cloud time while frozen. */ frozenAt?: number;
};
