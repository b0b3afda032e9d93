/** Streams: their ARNs, and what the API shows of them. */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { Consumer, Stream } from '../tables.ts';

export function streamArn({ region, account, name }: { region: string; account: string; name: string }): string {
  return arn('kinesis', region, account, `stream/${name}`);
}

export function consumerArn(stream: Stream, { name, created }: Pick<Consumer, 'name' | 'created'>): string {
  return `${streamArn(stream)}/consumer/${name}:${Math.floor(created / 1000)}`;
}

export type NamedStream = { account: string; region: string; name: string };
export type NamedConsumer = NamedStream & { consumer: string; createdSeconds: number };

/** The stream that an ARN names (or the one of its consumer); undefined when it names none. */
export function streamOfArn(text: string): (NamedStream & { consumer?: { name: string; createdSeconds: number } }) | undefined {
  const parsed = parseArn(text);
  if (!parsed || parsed.service !== 'kinesis') return undefined;
  const parts = /^stream\/([a-zA-Z0-9_.-]{1,128})(?:\/consumer\/([a-zA-Z0-9_.-]{1,128}):(\d{1,12}))?$/.exec(parsed.resource);
  if (!parts) return undefined;
  const { account, region } = parsed;
  const [, name, consumer, created] = parts;
  return { account, region, name: name!, ...(consumer !== undefined && { consumer: { name: consumer, createdSeconds: Number(created) } }) };
}

/** The members that every description of a stream has. */
export function describedStream(stream: Stream) {
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: new Date(stream.created),
    EnhancedMonitoring: [{ ShardLevelMetrics: stream.monitored as 'ALL'[] }],
    EncryptionType: encryptionType(stream),
    ...(stream.keyId !== undefined && { KeyId: stream.keyId }),
  };
}

export function encryptionType(stream: Stream): 'KMS' | 'NONE' {
  return stream.keyId === undefined ? 'NONE' : 'KMS';
}
