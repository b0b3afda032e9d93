/** Settings of a stream: retention, mode, size of records, monitoring, encryption. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import { fault, refuse } from '../constraints.ts';
import { invalidArgument, limitExceeded, streamNotActive } from '../errors.ts';
import { retentionHoursMax, retentionHoursMin } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { requireUse } from './encryption.ts';
import { nameOf, requireStream, type StreamInput } from './lookup.ts';
import { streamArn } from './stream.ts';
import { update } from './update.ts';

const dayMilliseconds = 86_400_000;
const modeChangesPerDayMax = 2;

export const IncreaseStreamRetentionPeriod: Operation<'IncreaseStreamRetentionPeriod'> = async (request, input) => {
  const hours = input.RetentionPeriodHours;
  await update(request, input, (stream) => {
    checkRetention(hours);
    if (stream.retentionHours > hours)
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
      );
    return { ...stream, retentionHours: hours };
  });
  return {};
};

export const DecreaseStreamRetentionPeriod: Operation<'DecreaseStreamRetentionPeriod'> = async (request, input) => {
  const hours = input.RetentionPeriodHours;
  await update(request, input, (stream) => {
    checkRetention(hours);
    if (stream.retentionHours < hours)
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
      );
    return { ...stream, retentionHours: hours };
  });
  return {};
};

function checkRetention(hours: number): void {
  if (hours < retentionHoursMin)
    throw invalidArgument(
      `Minimum allowed retention period is ${retentionHoursMin} hours. Requested retention period (${hours} hours) is too short.`,
    );
  if (hours > retentionHoursMax)
    throw invalidArgument(
      `Maximum allowed retention period is ${retentionHoursMax} hours. Requested retention period (${hours} hours) is too long.`,
    );
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html */
export const UpdateStreamMode: Operation<'UpdateStreamMode'> = async (request, input) => {
  const mode = input.StreamModeDetails.StreamMode;
  if (mode !== 'PROVISIONED' && mode !== 'ON_DEMAND')
    refuse([fault('streamModeDetails.streamMode', mode, 'satisfy enum value set: [PROVISIONED, ON_DEMAND]')]);
  if (input.WarmThroughputMiBps !== undefined) throw notImplemented('kinesis:UpdateStreamMode with WarmThroughputMiBps');
  await update(request, { StreamARN: input.StreamARN }, (stream) => {
    if (stream.mode === mode) return stream;
    const recent = (stream.modeChanges ?? []).filter((time) => time > request.now - dayMilliseconds);
    if (recent.length >= modeChangesPerDayMax)
      throw limitExceeded(
        `Stream ${stream.name} under account ${stream.account} has switched its capacity mode ${modeChangesPerDayMax} times in the last 24 hours.`,
      );
    const { distribution: _, warmMebibytes: __, ...rest } = stream;
    return { ...rest, mode: mode!, modeChanges: [...recent, request.now] };
  });
  return {};
};

export const UpdateMaxRecordSize: Operation<'UpdateMaxRecordSize'> = async (request, input) => {
  await update(request, input, (stream) => ({ ...stream, maxRecordKibibytes: input.MaxRecordSizeInKiB }));
  return {};
};

const metrics = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
];

export const EnableEnhancedMonitoring: Operation<'EnableEnhancedMonitoring'> = (request, input) =>
  monitor(request, input, (present, asked) => metrics.filter((name) => present.includes(name) || asked.includes(name)));

export const DisableEnhancedMonitoring: Operation<'DisableEnhancedMonitoring'> = (request, input) =>
  monitor(request, input, (present, asked) => present.filter((name) => !asked.includes(name)));

async function monitor(
  request: ServiceRequest,
  input: StreamInput & { ShardLevelMetrics: readonly string[] },
  combine: (present: readonly string[], asked: readonly string[]) => string[],
) {
  const named = input.ShardLevelMetrics;
  const unknown = named.find((name) => name !== 'ALL' && !metrics.includes(name));
  if (unknown !== undefined)
    refuse([
      fault(
        'shardLevelMetrics',
        `[${named.join(', ')}]`,
        `satisfy constraint: [Member must satisfy enum value set: [${[...metrics, 'ALL'].join(', ')}]]`,
      ),
    ]);
  const asked = named.includes('ALL') ? metrics : named;
  let desired: string[] = [];
  const stream = await update(request, input, (present) => {
    desired = combine(present.monitored, asked);
    return { ...present, monitored: desired };
  });
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    CurrentShardLevelMetrics: stream.monitored as 'ALL'[],
    DesiredShardLevelMetrics: desired as 'ALL'[],
  };
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html */
export const StartStreamEncryption: Operation<'StartStreamEncryption'> = async (request, input) => {
  const name = nameOf(request, input);
  if (input.EncryptionType !== 'KMS') refuse([fault('encryptionType', input.EncryptionType, 'satisfy enum value set: [KMS]')]);
  const stream = await request.store.read((tx) => requireStream(tx, name));
  if (stream.status !== 'ACTIVE') throw streamNotActive(stream, stream.status);
  await requireUse(request, stream, input.KeyId);
  await update(request, input, (present) => ({ ...present, keyId: input.KeyId }));
  return {};
};

export const StopStreamEncryption: Operation<'StopStreamEncryption'> = async (request, input) => {
  if (input.EncryptionType !== 'KMS') refuse([fault('encryptionType', input.EncryptionType, 'satisfy enum value set: [KMS]')]);
  await update(request, input, (stream) => {
    const { keyId: _, ...rest } = stream;
    return rest;
  });
  return {};
};
