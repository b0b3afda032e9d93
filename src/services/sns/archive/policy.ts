/** Policies of archives and of replays: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-archiving-replay.html */

import { invalidParameter } from '../errors.ts';
import { parseObject, type Json } from '../json.ts';
import { archiveDaysMax } from '../limits.ts';
import type { Topic } from '../tables.ts';

function requireObject(text: string, name: string): Json {
  const object = parseObject(text);
  if (!object) throw invalidParameter(`${name}: failed to parse JSON.`);
  return object;
}

/** An archive policy as it is kept; undefined for one that ends the archive. Throws InvalidParameter. */
export function checkArchivePolicy(text: string): string | undefined {
  if (text === '' || Object.keys(requireObject(text, 'ArchivePolicy')).length === 0) return undefined;
  if (daysOf(text) === undefined)
    throw invalidParameter(`ArchivePolicy: MessageRetentionPeriod must be a number of days from 1 to ${archiveDaysMax}`);
  return text;
}

function daysOf(text: string): number | undefined {
  const { MessageRetentionPeriod: period } = JSON.parse(text) as Json;
  const days = typeof period === 'string' && /^\d+$/.test(period) ? Number(period) : period;
  return typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= archiveDaysMax ? days : undefined;
}

/** For how long a topic keeps what is published, milliseconds; undefined when it keeps nothing. */
export function archiveMilliseconds({ attributes }: Pick<Topic, 'attributes'>): number | undefined {
  const text = attributes.find(([name]) => name === 'ArchivePolicy')?.[1];
  return text === undefined ? undefined : daysOf(text)! * 86_400_000;
}

/** Moments between which messages were published that are to be sent again; without an end, all that follow. */
export type ReplayWindow = { from: number; until?: number };

/** What a replay policy asks for; undefined for one that ends a replay. Throws InvalidParameter. */
export function readReplayPolicy(text: string): ReplayWindow | undefined {
  if (text === '') return undefined;
  const policy = requireObject(text, 'ReplayPolicy');
  if (Object.keys(policy).length === 0) return undefined;
  if (policy['PointType'] !== 'Timestamp') throw invalidParameter('ReplayPolicy: PointType must be Timestamp');
  const from = moment(policy['StartingPoint'], 'StartingPoint');
  if (policy['EndingPoint'] === undefined) return { from };
  const until = moment(policy['EndingPoint'], 'EndingPoint');
  if (until <= from) throw invalidParameter('ReplayPolicy: EndingPoint must be after StartingPoint');
  return { from, until };
}

function moment(value: unknown, name: string): number {
  const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;
  const at = typeof value === 'string' && iso.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw invalidParameter(`ReplayPolicy: ${name} must be a timestamp in ISO 8601 format`);
  return at;
}
