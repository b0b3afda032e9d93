/** How background work gives way to requests: it takes all there is while nobody calls, and a quarter of the time while somebody does. */

import { setTimeout } from 'node:timers/promises';

/** While calls come, work rests this many times as long as it has worked. */
const restShare = 3;
const restMillisecondsMax = 200;

/** `arrivals` counts the calls so far. Each pass of a reconciler has a function of its own, to be awaited between pieces of work. */
export function createGiveWay(arrivals: () => number, signal: AbortSignal): () => Promise<void> {
  let seen = arrivals();
  let resumed = performance.now();
  return async () => {
    const worked = performance.now() - resumed;
    const now = arrivals();
    if (now === seen) await new Promise(setImmediate);
    else await setTimeout(Math.min(worked * restShare, restMillisecondsMax), undefined, { signal, ref: false });
    seen = now;
    resumed = performance.now();
  };
}
