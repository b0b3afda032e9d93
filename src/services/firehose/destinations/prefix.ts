/** Prefixes with expressions: https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html */

import { createHash } from 'node:crypto';
import { notImplemented } from '../../../framework/aws-error.ts';
import { invalidArgument } from '../errors.ts';
import { evaluatedPrefixCharactersMax } from '../limits.ts';
import { formatTimestamp, isTimestampPattern } from './timestamp.ts';

type Part = { literal: string } | { namespace: string; value: string };

const expression = /!\{([^{}]*)\}/g;
const randomCharacters = 11;
const defaultTime: Part = { namespace: 'timestamp', value: 'yyyy/MM/dd/HH/' };

function partsOf(prefix: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of prefix.matchAll(expression)) {
    if (match.index > at) parts.push({ literal: prefix.slice(at, match.index) });
    const colon = match[1]!.indexOf(':');
    parts.push({ namespace: match[1]!.slice(0, Math.max(colon, 0)), value: match[1]!.slice(colon + 1) });
    at = match.index + match[0].length;
  }
  if (at < prefix.length) parts.push({ literal: prefix.slice(at) });
  return parts;
}

const hasExpressions = (parts: readonly Part[]): boolean => parts.some((part) => 'namespace' in part);
const isPartitionKey = (part: Part): part is { namespace: string; value: string } =>
  'namespace' in part && part.namespace === 'partitionKeyFromQuery';

/** The keys of dynamic partitioning that a prefix names. */
export const partitionKeysOf = (prefix: string): string[] =>
  partsOf(prefix)
    .filter(isPartitionKey)
    .map(({ value }) => value);

const isErrorType = (part: Part): boolean => 'namespace' in part && part.namespace === 'firehose' && part.value === 'error-output-type';

/** Throws InvalidArgumentException for prefixes that AWS refuses. */
export function checkPrefixes(operation: string, prefix: string, errorOutputPrefix: string | undefined): void {
  const parts = partsOf(prefix);
  checkParts(operation, 'Prefix', parts);
  if (parts.some(isErrorType)) throw invalidArgument('Prefix cannot contain !{firehose:error-output-type}.');
  if (errorOutputPrefix === undefined) {
    if (hasExpressions(parts)) throw invalidArgument('ErrorOutputPrefix cannot be null when Prefix contains expressions.');
    return;
  }
  const errorParts = partsOf(errorOutputPrefix);
  checkParts(operation, 'ErrorOutputPrefix', errorParts);
  if (hasExpressions(errorParts) && !errorParts.some(isErrorType))
    throw invalidArgument(
      'ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type} when it contains expressions.',
    );
}

function checkParts(operation: string, member: string, parts: readonly Part[]): void {
  for (const part of parts) {
    if ('literal' in part) {
      if (part.literal.includes('!{'))
        throw invalidArgument(`${member} contains an expression that is not of the form !{namespace:value}.`);
      continue;
    }
    const { namespace, value } = part;
    if (namespace === 'partitionKeyFromQuery' && member === 'Prefix' && value !== '') continue;
    if (namespace.startsWith('partitionKeyFrom')) throw notImplemented(`firehose:${operation} with !{${namespace}:…} in ${member}`);
    const known =
      (namespace === 'timestamp' && value !== '' && isTimestampPattern(value)) ||
      (namespace === 'firehose' && (value === 'random-string' || value === 'error-output-type'));
    if (!known) throw invalidArgument(`${member} contains an invalid expression: !{${namespace}:${value}}.`);
  }
}

export type Occasion = {
  /** When the oldest record arrived. */
  time: number;
  timeZone: string;
  /** The same seed makes the same random strings, so that a second attempt writes the same object. */
  seed: string;
  /** Of the partition, where records are partitioned. */
  keys?: Readonly<Record<string, string>>;
  /** Why records come here, for an error prefix. */
  errorType?: string;
};

/** The prefix of one object. Without a time of its own it ends with year, month, day and hour, unless partition keys say where it belongs. */
export function evaluatePrefix(prefix: string, occasion: Occasion): string {
  const parts = partsOf(prefix);
  const timed = parts.some((part) => 'namespace' in part && part.namespace === 'timestamp');
  const all = timed || parts.some(isPartitionKey) ? parts : [...parts, defaultTime];
  const text = all.map((part, i) => ('literal' in part ? part.literal : valueOf(part, occasion, i))).join('');
  return text.slice(0, evaluatedPrefixCharactersMax);
}

/** The prefix of an object of records that failed: the kind of error comes behind what is said, where nothing says its place. */
export function evaluateErrorPrefix(prefix: string, occasion: Occasion & { errorType: string }): string {
  return evaluatePrefix(partsOf(prefix).some(isErrorType) ? prefix : `${prefix}!{firehose:error-output-type}/`, occasion);
}

function valueOf({ namespace, value }: { namespace: string; value: string }, occasion: Occasion, place: number): string {
  const { time, timeZone, seed, keys, errorType } = occasion;
  if (namespace === 'partitionKeyFromQuery') return keys?.[value] ?? '';
  if (value === 'error-output-type') return errorType ?? '';
  return namespace === 'timestamp' ? formatTimestamp(value, time, timeZone) : randomString(`${seed} ${place}`);
}

function randomString(seed: string): string {
  return BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`)
    .toString(36)
    .padStart(randomCharacters, '0')
    .slice(-randomCharacters);
}
