/** Tells how long the session of whoever acts goes on, by the cloud's clock, and ends it in time. */

import { useEffect, useState } from 'react';
import { createState, useWatched } from '../shell/state.ts';
import { cloudNow } from './private-api.ts';
import { sessionEnded, useIdentity } from './session.ts';

const minuteMilliseconds = 60_000;
const checkMilliseconds = 5_000;
/** From here on the reader is told. */
export const soonMinutes = 5;

/** How far the cloud's clock is ahead of the browser's, in milliseconds. */
const ahead = createState(0);

/** Asks what time it is there: when the session begins, and whenever somebody has moved the clock. */
export async function learnClock(): Promise<void> {
  ahead.set((await cloudNow()).getTime() - Date.now());
}

/** Minutes that are left where they are few; undefined where there is time, or no end. */
export function useMinutesLeft(): number | undefined {
  const who = useIdentity();
  const offset = useWatched(ahead);
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    // Without an answer the browser's own clock has to do.
    learnClock().catch(() => undefined);
  }, [who]);
  useEffect(() => {
    if (who?.expiration === undefined) {
      setLeft(undefined);
      return undefined;
    }
    const end = Date.parse(who.expiration);
    const look = (): void => {
      const milliseconds = end - Date.now() - offset;
      if (milliseconds <= 0) sessionEnded(who);
      else setLeft(milliseconds <= soonMinutes * minuteMilliseconds ? Math.ceil(milliseconds / minuteMilliseconds) : undefined);
    };
    look();
    const timer = setInterval(look, checkMilliseconds);
    return () => clearInterval(timer);
  }, [who, offset]);
  return left;
}
