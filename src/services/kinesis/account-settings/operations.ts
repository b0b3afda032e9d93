/** The account's settings: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html */

import { fault, refuse } from '../constraints.ts';
import type { Operation } from '../sdk.ts';
import { commitments, type Commitment } from '../tables.ts';
import { earliestEnd, isCommitted } from './commitment.ts';

export const DescribeAccountSettings: Operation<'DescribeAccountSettings'> = async ({ store, account, region, now }) => {
  const commitment = await store.read((tx) => commitments.get(tx, account, region));
  return { MinimumThroughputBillingCommitment: described(commitment, now) };
};

/** A commitment lasts a day at least: one that is disabled before ends then, unless it is enabled again. */
export const UpdateAccountSettings: Operation<'UpdateAccountSettings'> = async ({ store, account, region, now }, input) => {
  const status = input.MinimumThroughputBillingCommitment.Status;
  if (status !== 'ENABLED' && status !== 'DISABLED')
    refuse([fault('minimumThroughputBillingCommitment.status', status, 'satisfy enum value set: [ENABLED, DISABLED]')]);
  const commitment = await store.write(async (tx) => {
    const present = await commitments.get(tx, account, region);
    const changed = status === 'ENABLED' ? enabled(present, { account, region, startedAt: now }) : disabled(present, now);
    if (changed) await commitments.put(tx, changed);
    return changed;
  });
  return { MinimumThroughputBillingCommitment: described(commitment, now) };
};

function enabled(present: Commitment | undefined, fresh: Commitment): Commitment {
  if (!present || !isCommitted(present, fresh.startedAt)) return fresh;
  const { endsAt: _, ...lasting } = present;
  return lasting;
}

function disabled(present: Commitment | undefined, now: number): Commitment | undefined {
  if (!present || present.endsAt !== undefined) return present;
  return { ...present, endsAt: Math.max(now, earliestEnd(present)) };
}

function described(commitment: Commitment | undefined, now: number) {
  if (!commitment) return { Status: 'DISABLED' as const };
  const StartedAt = new Date(commitment.startedAt);
  if (!isCommitted(commitment, now)) return { Status: 'DISABLED' as const, StartedAt, EndedAt: new Date(commitment.endsAt!) };
  return {
    Status: commitment.endsAt === undefined ? ('ENABLED' as const) : ('ENABLED_UNTIL_EARLIEST_ALLOWED_END' as const),
    StartedAt,
    EarliestAllowedEndAt: new Date(earliestEnd(commitment)),
  };
}
