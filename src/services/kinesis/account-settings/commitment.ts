/** The minimum throughput billing commitment of an account in a region: on-demand streams of those who make it may be warmed. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidArgument } from '../errors.ts';
import { commitmentMilliseconds } from '../limits.ts';
import { commitments, type Commitment } from '../tables.ts';

/** A commitment that was ended early goes on until its day is over. */
export function isCommitted(commitment: Commitment | undefined, now: number): boolean {
  return commitment !== undefined && (commitment.endsAt === undefined || commitment.endsAt > now);
}

export const earliestEnd = ({ startedAt }: Commitment): number => startedAt + commitmentMilliseconds;

/** Throws InvalidArgumentException for an account without a commitment. */
export async function requireCommitment(
  tx: ReadTransaction,
  { account, region, now }: { account: string; region: string; now: number },
): Promise<void> {
  if (!isCommitted(await commitments.get(tx, account, region), now))
    throw invalidArgument(
      `Warm throughput is supported only for accounts that have MinimumThroughputBillingCommitment enabled. It is disabled for account ${account}.`,
    );
}
