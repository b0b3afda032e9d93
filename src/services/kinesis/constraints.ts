/** Lengths, ranges and patterns of Kinesis's members, which AWS checks before anything else. */

import { notImplemented } from '../../framework/aws-error.ts';
import { validationError } from './errors.ts';

type Rule = { min?: number; max?: number; pattern?: RegExp; oneOf?: readonly string[] };

const name = { min: 1, max: 128, pattern: /^[a-zA-Z0-9_.-]+$/ };
const arn = { min: 1, max: 2048 };
const hashKey = { pattern: /^(?:0|([1-9]\d{0,38}))$/ };
const sequence = { pattern: /^(?:0|([1-9]\d{0,128}))$/ };
const iteratorTypes = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

/** From botocore's model of Kinesis. */
const texts: ReadonlyMap<string, Rule> = new Map(
  Object.entries<Rule>({
    StreamName: name,
    ExclusiveStartStreamName: name,
    ShardId: name,
    ExclusiveStartShardId: name,
    ShardToSplit: name,
    ShardToMerge: name,
    AdjacentShardToMerge: name,
    ConsumerName: name,
    ChannelName: name,
    StreamARN: { ...arn, pattern: /^arn:aws.*:kinesis:.*:\d{12}:stream\/\S+$/ },
    ConsumerARN: { ...arn, pattern: /^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+$/ },
    ResourceARN: { ...arn, pattern: /^arn:aws.*:kinesis:.*:\d{12}:.*stream\/\S+$/ },
    PartitionKey: { min: 1, max: 256 },
    ExplicitHashKey: hashKey,
    NewStartingHashKey: hashKey,
    StartingSequenceNumber: sequence,
    SequenceNumberForOrdering: sequence,
    ShardIterator: { min: 1, max: 512 },
    NextToken: { min: 1, max: 1_048_576 },
    KeyId: { min: 1, max: 2048 },
    ExclusiveStartTagKey: { min: 1, max: 128 },
    ShardIteratorType: { oneOf: iteratorTypes },
    EncryptionType: { oneOf: ['NONE', 'KMS'] },
    ScalingType: { oneOf: ['UNIFORM_SCALING'] },
  }),
);

const numbers: Readonly<Record<string, { min: number; max?: number }>> = {
  'ListTagsForStream.Limit': { min: 1, max: 50 },
  Limit: { min: 1, max: 10_000 },
  MaxResults: { min: 1, max: 10_000 },
  ShardCount: { min: 1 },
  TargetShardCount: { min: 1 },
  WarmThroughputMiBps: { min: 0 },
  MaxRecordSizeInKiB: { min: 1_024, max: 10_240 },
};

const lists: Readonly<Record<string, { min: number; max: number }>> = {
  Records: { min: 1, max: 500 },
  ShardLevelMetrics: { min: 1, max: 7 },
  TagKeys: { min: 1, max: 50 },
};

/** Throws a ValidationException that lists the violated constraints (ten at most), as AWS does. */
export function checkConstraints(operation: string, input: object): void {
  const faults: string[] = [];
  for (const [member, value] of Object.entries(input)) {
    if (typeof value === 'string') faults.push(...textFaults(javaName(member), value, texts.get(member)));
    else if (typeof value === 'number') faults.push(...numberFaults(javaName(member), value, rangeOf(operation, member)));
    else if (Array.isArray(value)) faults.push(...listFaults(member, value));
  }
  if ('Records' in input && Array.isArray(input.Records)) faults.push(...recordFaults(input.Records));
  refuse(faults);
  refuseUnbuilt(operation, input);
}

function refuseUnbuilt(operation: string, input: { DryRun?: unknown }): void {
  if (input.DryRun === true) throw notImplemented(`kinesis:${operation} with DryRun`);
}

export function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const shown = faults.slice(0, 10);
  throw validationError(`${shown.length} validation error${shown.length > 1 ? 's' : ''} detected: ${shown.join('; ')}`);
}

export const fault = (path: string, value: unknown, rest: string): string =>
  `Value ${value === null ? 'null' : `'${String(value)}'`} at '${path}' failed to satisfy constraint: Member must ${rest}`;

function rangeOf(operation: string, member: string): { min: number; max?: number } | undefined {
  const own = `${operation}.${member}`;
  if (Object.hasOwn(numbers, own)) return numbers[own];
  return Object.hasOwn(numbers, member) ? numbers[member] : undefined;
}

function textFaults(path: string, value: string, rule: Rule | undefined): string[] {
  if (!rule) return [];
  const faults: string[] = [];
  if (rule.pattern && !rule.pattern.test(value))
    faults.push(
      fault(path, value, `satisfy regular expression pattern: ${rule.pattern.source.replace(/^\^(?:\(\?:)?/, '').replace(/\)?\$$/, '')}`),
    );
  if (rule.min !== undefined && value.length < rule.min)
    faults.push(fault(path, value, `have length greater than or equal to ${rule.min}`));
  if (rule.max !== undefined && value.length > rule.max) faults.push(fault(path, value, `have length less than or equal to ${rule.max}`));
  if (rule.oneOf && !rule.oneOf.includes(value)) faults.push(fault(path, value, `satisfy enum value set: [${rule.oneOf.join(', ')}]`));
  return faults;
}

function numberFaults(path: string, value: number, range: { min: number; max?: number } | undefined): string[] {
  if (!range) return [];
  if (value < range.min) return [fault(path, value, `have value greater than or equal to ${range.min}`)];
  return range.max !== undefined && value > range.max ? [fault(path, value, `have value less than or equal to ${range.max}`)] : [];
}

function listFaults(member: string, value: readonly unknown[]): string[] {
  const range = Object.hasOwn(lists, member) ? lists[member] : undefined;
  if (!range) return [];
  const shown = `[${value.length} members]`;
  if (value.length < range.min) return [fault(javaName(member), shown, `have length greater than or equal to ${range.min}`)];
  return value.length > range.max ? [fault(javaName(member), shown, `have length less than or equal to ${range.max}`)] : [];
}

/** The hot path of PutRecords: nothing is built unless a record is at fault. */
function recordFaults(records: readonly { PartitionKey?: string; ExplicitHashKey?: string }[]): string[] {
  const faults: string[] = [];
  records.forEach(({ PartitionKey, ExplicitHashKey }, i) => {
    const path = `records.${i + 1}.member`;
    if (PartitionKey !== undefined && (PartitionKey.length < 1 || PartitionKey.length > 256))
      faults.push(...textFaults(`${path}.partitionKey`, PartitionKey, texts.get('PartitionKey')));
    if (ExplicitHashKey !== undefined) faults.push(...textFaults(`${path}.explicitHashKey`, ExplicitHashKey, hashKey));
  });
  return faults;
}

/** AWS names members in these sentences as Java does: `streamName`, `streamARN`. */
function javaName(member: string): string {
  return member[0]!.toLowerCase() + member.slice(1);
}
