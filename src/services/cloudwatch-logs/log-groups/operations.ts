/** Log groups: create, describe, delete, retention. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { groupExists, invalidParameter, protectedGroup } from '../errors.ts';
import { listedMax, retentionDays } from '../limits.ts';
import { checkLimit, wantedRows } from '../pagination.ts';
import type { Input, Operation } from '../sdk.ts';
import { deleted, groupSizes, logGroups, retentions, type LogGroup } from '../tables.ts';
import { checkTags } from './tags.ts';
import { checkGroupName, checkOnGroup, findGroup, groupArn, placeOf, requireGroup } from './log-group.ts';

export async function onCreateLogGroup(request: ServiceRequest, input: Input<'CreateLogGroup'>): Promise<Check[]> {
  const context = requestTagContext(tagsOf(input.tags));
  const place = placeOf(request, input);
  const checks = await checkOnGroup(request, 'CreateLogGroup', place, '', context);
  if (Object.keys(input.tags ?? {}).length === 0) return checks;
  return [...checks, { action: 'logs:TagResource', resource: groupArn(place), context }];
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export const CreateLogGroup: Operation<'CreateLogGroup'> = async ({ store, account, region, now, random }, input) => {
  const name = checkGroupName(input.logGroupName);
  if (name.startsWith('aws/')) throw invalidParameter('Log groups starting with AWS/ are reserved for AWS.');
  if (input.kmsKeyId !== undefined) throw notImplemented('logs:CreateLogGroup with kmsKeyId');
  const kind = input.logGroupClass ?? 'STANDARD';
  if (kind !== 'STANDARD' && kind !== 'INFREQUENT_ACCESS') throw notImplemented(`logs:CreateLogGroup with logGroupClass ${kind}`);
  const group: LogGroup = {
    ...{ account, region, name, id: random.uuid(), created: now, class: kind },
    ...(input.deletionProtectionEnabled && { deletionProtected: true }),
    tags: checkTags(tagsOf(input.tags)).map(({ Key, Value }) => [Key, Value]),
  };
  await store.write(async (tx) => {
    if (await findGroup(tx, group)) throw groupExists();
    await logGroups.put(tx, group);
  });
  return {};
};

export const DeleteLogGroup: Operation<'DeleteLogGroup'> = async (request, input) => {
  const place = placeOf(request, input);
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, place);
    if (group.deletionProtected) throw protectedGroup();
    await logGroups.delete(tx, group.account, group.region, group.name);
    await groupSizes.delete(tx, group.id);
    await retentions.delete(tx, group.id);
    await deleted.put(tx, { group: group.id, stream: '' });
  });
  return {};
};

export const DescribeLogGroups: Operation<'DescribeLogGroups'> = async ({ store, account, region }, input) => {
  if (input.accountIdentifiers?.length || input.includeLinkedAccounts) throw notImplemented('logs:DescribeLogGroups of linked accounts');
  if (input.logGroupIdentifiers?.length) throw notImplemented('logs:DescribeLogGroups with logGroupIdentifiers');
  if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined)
    throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  const { logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern = '', logGroupClass: kind } = input;
  const limit = checkLimit(input.limit, listedMax);
  const wanted = ({ name, class: itsClass }: LogGroup): boolean =>
    name.startsWith(prefix) && name.toLowerCase().includes(pattern.toLowerCase()) && (kind === undefined || kind === itsClass);
  return store.read(async (tx) => {
    const { rows, ...next } = await wantedRows((page) => logGroups.scan(tx, [account, region], page), wanted, limit, input.nextToken);
    const sizes = await groupSizes.getMany(
      tx,
      rows.map(({ id }) => [id]),
    );
    return { logGroups: rows.map((row, i) => describe(row, sizes[i]?.bytes ?? 0)), ...next };
  });
};

const describe = (group: LogGroup, storedBytes: number) => ({
  logGroupName: group.name,
  creationTime: group.created,
  ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
  metricFilterCount: 0,
  arn: `${groupArn(group)}:*`,
  storedBytes,
  logGroupClass: group.class,
  logGroupArn: groupArn(group),
  deletionProtectionEnabled: group.deletionProtected ?? false,
});

export const PutRetentionPolicy: Operation<'PutRetentionPolicy'> = async (request, input) => {
  const days = input.retentionInDays;
  if (!retentionDays.has(days)) throw invalidParameter(`Invalid retention value. Valid values are: ${[...retentionDays].join(', ')}`);
  const place = placeOf(request, input);
  await request.store.write(async (tx) => {
    const group = await requireGroup(tx, place);
    await logGroups.put(tx, { ...group, retentionDays: days });
    await retentions.put(tx, { group: group.id, account: group.account, region: group.region, name: group.name });
  });
  return {};
};

export const DeleteRetentionPolicy: Operation<'DeleteRetentionPolicy'> = async (request, input) => {
  const place = placeOf(request, input);
  await request.store.write(async (tx) => {
    const { retentionDays: _forgotten, ...group } = await requireGroup(tx, place);
    await logGroups.put(tx, group);
    await retentions.delete(tx, group.id);
  });
  return {};
};
