/** Delivery streams: their ARNs and what the API shows of them. */

import { arn } from '../../../framework/arn.ts';
import { describedDestination } from '../destinations/s3.ts';
import type { Stream } from '../tables.ts';

export const destinationId = 'destinationId-000000000001';

export function streamArn({ region, account, name }: Pick<Stream, 'region' | 'account' | 'name'>): string {
  return arn('firehose', region, account, `deliverystream/${name}`);
}

export const typeOf = ({ source }: Stream): 'DirectPut' | 'KinesisStreamAsSource' => (source ? 'KinesisStreamAsSource' : 'DirectPut');

export function describedStream(stream: Stream) {
  const { source, throughputHint } = stream;
  return {
    DeliveryStreamName: stream.name,
    DeliveryStreamARN: streamArn(stream),
    DeliveryStreamStatus: stream.status,
    DeliveryStreamEncryptionConfiguration: describedEncryption(stream),
    DeliveryStreamType: typeOf(stream),
    VersionId: String(stream.version),
    CreateTimestamp: new Date(stream.created),
    ...(stream.updated !== undefined && { LastUpdateTimestamp: new Date(stream.updated) }),
    ...(source && {
      Source: {
        KinesisStreamSourceDescription: {
          ...{ KinesisStreamARN: source.streamArn, RoleARN: source.roleArn },
          DeliveryStartTimestamp: new Date(source.startedAt),
        },
      },
    }),
    ...(throughputHint !== undefined && { Source: { DirectPutSourceDescription: { ThroughputHintInMBs: throughputHint } } }),
    Destinations: [{ DestinationId: destinationId, ...describedDestination(stream.destination) }],
    HasMoreDestinations: false,
  };
}

function describedEncryption({ encryption, encrypting }: Stream) {
  if (!encryption) return { Status: encrypting ?? ('DISABLED' as const) };
  const { keyType, keyArn } = encryption;
  return { Status: encrypting ?? ('ENABLED' as const), KeyType: keyType, ...(keyArn !== undefined && { KeyARN: keyArn }) };
}
