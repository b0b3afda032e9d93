/** What was scaled, when and why. */

import type { Place } from '../scalable-targets/scaled.ts';

export type Activity = Place & {
  id: string;
  /** Milliseconds since the epoch. */
  started: number;
  description: string;
  cause: string;
  /** Why it did not succeed. */
  failure?: string;
};
