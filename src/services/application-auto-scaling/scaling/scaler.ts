/** Looks once a minute of cloud time at what tables use of their capacity, and changes it as their policies say. */

import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../framework/aws-error.ts';
import { arn } from '../../../framework/arn.ts';
import { hourOf } from '../../../framework/billing/month.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import { placeOf } from '../scalable-targets/scaled.ts';
import { linkedService, partsOf, roleArn, type Target } from '../scalable-targets/target.ts';
import type { Policy } from '../scaling-policies/policy.ts';
import { activities, observations, policies, targets } from '../tables.ts';
import { decide, type Observation } from './decision.ts';

const minuteMilliseconds = 60_000;

export const scaler: Reconciler = {
  name: 'application-auto-scaling/scaler',
  watches: [targets, policies],
  every: minuteMilliseconds,
  run: async (context) => {
    for await (const policy of policies.each(context.store)) {
      if (context.signal.aborted) return;
      const target = await context.store.read((tx) => targets.get(tx, ...placeOf(policy)));
      if (target) await look(context, target, policy);
    }
  },
};

async function look(context: ReconcilerContext, target: Target, policy: Policy): Promise<void> {
  const { account, region, namespace, resource, dimension } = target;
  const place = placeOf(target);
  const role = { roleArn: roleArn(account), service: linkedService, account, region, session: 'AutoScaling-DynamoDB' };
  const aws = await asServiceRole(context, role);
  const table = aws && (await tableOf(aws, target));
  const capacity = table && capacityOf(table, target);
  // A table that is gone, or pays for what it uses, has nothing to be scaled.
  if (!capacity) return;
  const seen = await context.store.read((tx) => observations.get(tx, ...place));
  // Woken by a change of settings: too little time has passed to tell a rate.
  const isEarly = seen !== undefined && context.now - seen.at < minuteMilliseconds;
  const { used, usedInHour } = await usedSince(context, target, seen);
  const seconds = seen ? (context.now - seen.at) / 1_000 : 0;
  const { TargetValue: percent, DisableScaleIn, ScaleInCooldown: cooldownIn = 0, ScaleOutCooldown: cooldownOut = 0 } = policy.tracking;
  const situation = {
    ...{ now: context.now, current: capacity.own, min: target.min, max: target.max, percent: percent!, cooldownIn, cooldownOut },
    rate: seen && !isEarly ? used / seconds : undefined,
    canIn: !DisableScaleIn && !target.suspended.in,
    canOut: !target.suspended.out,
  };
  const decision = decide(seen, situation);
  if (isEarly && decision.capacity === undefined) return;
  if (decision.capacity !== undefined) await scale(context, aws, table, target, policy, { from: capacity.own, to: decision.capacity });
  const scaledOut = decision.capacity !== undefined && decision.capacity > capacity.own ? context.now : seen?.scaledOut;
  const scaledIn = decision.capacity !== undefined && decision.capacity < capacity.own ? context.now : seen?.scaledIn;
  const observation: Observation = {
    ...{ at: context.now, usedInHour, minutesAbove: decision.minutesAbove, minutesBelow: decision.minutesBelow },
    ...(scaledOut !== undefined && { scaledOut }),
    ...(scaledIn !== undefined && { scaledIn }),
  };
  await context.store.write(async (tx) => {
    if (await targets.get(tx, ...place)) await observations.put(tx, { account, region, namespace, resource, dimension, ...observation });
  });
}

async function tableOf(aws: Aws, target: Target): Promise<TableDescription | undefined> {
  try {
    return (await aws.dynamodb('DescribeTable', { TableName: partsOf(target).table })).Table;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

type Units = { ReadCapacityUnits?: number | undefined; WriteCapacityUnits?: number | undefined };

/** The units of the target, and both kinds, of which a change names both. */
function capacityOf(table: TableDescription, target: Target): { own: number; both: Required<Units> } | undefined {
  const { index, kind } = partsOf(target);
  const found = index === undefined ? table : table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index);
  const { ReadCapacityUnits, WriteCapacityUnits } = found?.ProvisionedThroughput ?? {};
  if (!ReadCapacityUnits || !WriteCapacityUnits) return undefined;
  return { own: kind === 'Read' ? ReadCapacityUnits : WriteCapacityUnits, both: { ReadCapacityUnits, WriteCapacityUnits } };
}

/** Units used since the last look, by the meter, which sums by the hour. */
async function usedSince(
  { meter, now }: ReconcilerContext,
  target: Target,
  seen: Observation | undefined,
): Promise<{ used: number; usedInHour: number }> {
  const { account, region, resource } = target;
  const { kind } = partsOf(target);
  // What comes from replicas in other regions is written here too.
  const usageTypes = [`Consumed${kind}CapacityUnits`, `ReplConsumed${kind}CapacityUnits`];
  const about = arn('dynamodb', region, account, resource);
  const records = await meter.query(account, hourOf(seen?.at ?? now), now + 1);
  const own = records.filter((record) => record.region === region && record.resource === about && usageTypes.includes(record.usageType));
  const sum = (rows: typeof own): number => rows.reduce((total, { quantity }) => total + quantity, 0);
  return { used: sum(own) - (seen?.usedInHour ?? 0), usedInHour: sum(own.filter(({ hour }) => hour === hourOf(now))) };
}

async function scale(
  context: ReconcilerContext,
  aws: Aws,
  table: TableDescription,
  target: Target,
  policy: Policy,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const { index, kind } = partsOf(target);
  const ProvisionedThroughput = { ...capacityOf(table, target)!.both, [`${kind}CapacityUnits`]: to };
  const change =
    index === undefined
      ? { ProvisionedThroughput }
      : { GlobalSecondaryIndexUpdates: [{ Update: { IndexName: index, ProvisionedThroughput } }] };
  let failure: string | undefined;
  try {
    await aws.dynamodb('UpdateTable', { TableName: table.TableName!, ...change });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    failure = error.message;
    context.log(`${target.resource} keeps ${from} ${kind.toLowerCase()} units: ${failure}`);
  }
  const { account, region, namespace, resource, dimension } = target;
  const activity = {
    ...{ account, region, namespace, resource, dimension, id: context.random.uuid(), started: context.now },
    description: `Setting ${kind.toLowerCase()} capacity units to ${to}.`,
    cause: `${to > from ? 'more' : 'less'} use than policy ${policy.name} wants, or capacity outside of ${target.min} to ${target.max}`,
    ...(failure !== undefined && { failure }),
  };
  await context.store.write((tx) => activities.put(tx, activity));
}
