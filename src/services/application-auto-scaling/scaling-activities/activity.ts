/** What was scaled, when and why. */

import type { Scaled } from '../scalable-targets/target.ts';

export type Activity = Scaled & {
  account: string;
  region: string;
  id: string;
  /** Milliseconds since the epoch. */
  started: number;
  description: string;
  cause: string;
  /** Why it did not succeed. */
  failure?: string;
};
