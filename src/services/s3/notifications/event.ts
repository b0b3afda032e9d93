/** Event records as S3 sends them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html. Pure. */

import { bucketArn, ownerOf } from '../buckets/bucket.ts';
import type { PendingEvent } from '../tables.ts';

const names: readonly string[] = [
  'ObjectCreated:*',
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:*',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
  'ObjectRestore:*',
  'ObjectRestore:Post',
  'ObjectRestore:Completed',
  'ObjectRestore:Delete',
  'ReducedRedundancyLostObject',
  'Replication:*',
  'Replication:OperationFailedReplication',
  'Replication:OperationMissedThreshold',
  'Replication:OperationReplicatedAfterThreshold',
  'Replication:OperationNotTracked',
  'LifecycleTransition',
  'IntelligentTiering',
  'LifecycleExpiration:*',
  'LifecycleExpiration:Delete',
  'LifecycleExpiration:DeleteMarkerCreated',
  'ObjectTagging:*',
  'ObjectTagging:Put',
  'ObjectTagging:Delete',
  'ObjectAcl:Put',
  'ObjectAnnotation:*',
  'ObjectAnnotation:Put',
  'ObjectAnnotation:Delete',
];
const known: ReadonlySet<string> = new Set(names.map((name) => `s3:${name}`));

/** Whether a configuration may ask for an event: `s3:ObjectCreated:*`. */
export function isEventName(name: string): boolean {
  return known.has(name);
}

/** Whether what was asked for covers what happened: `s3:ObjectCreated:*` and `ObjectCreated:Put`. */
export function covers(asked: string, happened: string): boolean {
  const name = asked.slice('s3:'.length);
  return name === happened || (name.endsWith(':*') && happened.startsWith(name.slice(0, -1)));
}

/** Later kinds of events came with a later structure. */
function versionOf(name: string): string {
  if (name.startsWith('Replication:')) return '2.2';
  return /^(ObjectAcl|ObjectAnnotation|ObjectTagging|Lifecycle|IntelligentTiering|ObjectRestore:Delete)/.test(name) ? '2.3' : '2.1';
}

/** The message for one event. */
export function messageOf(event: PendingEvent): string {
  const { size, etag, version } = event.object;
  // Tags and ACLs change no bytes: their events tell neither a size nor an order.
  const ofDescription = /^Object(Tagging|Acl):/.test(event.name);
  const record = {
    eventVersion: versionOf(event.name),
    eventSource: 'aws:s3',
    awsRegion: event.region,
    eventTime: new Date(event.happened).toISOString(),
    eventName: event.name,
    userIdentity: { principalId: event.principal },
    requestParameters: { sourceIPAddress: event.sourceIp },
    responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: event.configuration,
      bucket: { name: event.bucket, ownerIdentity: { principalId: ownerOf(event.account).ID }, arn: bucketArn(event.bucket) },
      object: {
        key: encodeKey(event.key),
        ...(size !== undefined && !ofDescription && { size }),
        ...(etag !== undefined && { eTag: etag }),
        ...(version !== undefined && { versionId: version }),
        ...(!ofDescription && { sequencer: event.sequencer }),
      },
    },
    ...event.data,
  };
  return JSON.stringify({ Records: [record] });
}

/** What a destination is sent when it is configured, to see whether it takes it. */
export function testMessage(bucket: string, requestId: string, now: number): string {
  const time = new Date(now).toISOString();
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: time,
    Bucket: bucket,
    RequestId: requestId,
    HostId: requestId,
  });
}

function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
}
