/**
 * S3's durable records.
 *
 * `objects` holds the current version of each key and nothing else, so that a listing never meets a hidden row and a GET is one
 * lookup. Noncurrent versions and all delete markers are in `versions`, keyed (bucket, key, newest first); a key whose current
 * version is a delete marker has no row in `objects`.
 */

import type { PublicAccessBlock } from '../../framework/s3-access/public-access-block.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';
import { objectPacking, versionPacking } from './objects/packing.ts';

/** Under a key of KMS: the wrapping key that KMS encrypted, and with what encryption context besides the ARN. */
export type KmsEncryption = {
  mode: 'kms';
  /** The ARN of the key in KMS. */
  arn: string;
  /** Base64: KMS decrypts it to the key that wraps the keys of the blobs. */
  blob: string;
  bucketKey?: true;
  /** Two layers of encryption (DSSE-KMS): the keys of the outer one are wrapped by the cloud's own. */
  dual?: true;
  context?: Record<string, string>;
};
/** Under a key that the customer keeps: only a salted proof of it. */
export type CustomerEncryption = { mode: 'customer'; salt: string; proof: string };
/** How the keys of an object's blobs are wrapped; absent means under the cloud's own key (SSE-S3). */
export type Encryption = KmsEncryption | CustomerEncryption;

/** What encrypts new objects that do not say it themselves; a bucket without one uses SSE-S3. */
export type DefaultEncryption = {
  algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  keyId?: string;
  bucketKey?: boolean;
  /** No new object is encrypted with a customer's key. */
  blocksCustomerKeys?: true;
};

export type Permission = 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP' | 'FULL_CONTROL';
/** `to` is a canonical user id, or a group: AllUsers, AuthenticatedUsers, LogDelivery. */
export type Grant = { to: string; permission: Permission };
/** Who owns new objects where ACLs are on; `none` once the controls were deleted, which means the writer. */
export type Ownership = 'BucketOwnerPreferred' | 'ObjectWriter' | 'none';
/** Whose an object is and whom it lets in besides, where ACLs are on. */
export type Access = {
  /** The account that wrote it, when that is not the bucket's. */
  owner?: string;
  /** Absent while it grants all to the owner and nothing to others. */
  acl?: Grant[];
};

/** What may be configured of a bucket at some length. */
export type ConfigurationKind = 'cors' | 'logging' | 'notification' | 'website';
export type BucketConfiguration = { bucket: string; kind: ConfigurationKind; revision: string; value: object };

/** Members of event records as S3 writes them. */
export type EventData = {
  glacierEventData?: { restoreEventData: { lifecycleRestorationExpiryTime: string; lifecycleRestoreStorageClass: string } };
  lifecycleEventData?: { transitionEventData: { destinationStorageClass: string } };
  replicationEventData?: {
    replicationRuleId: string;
    destinationBucket: string;
    s3Operation: string;
    requestTime: string;
    failureReason?: string;
  };
  intelligentTieringEventData?: { destinationAccessTier: string };
};

/** An event that a destination is to be told of. */
export type PendingEvent = {
  bucket: string;
  account: string;
  region: string;
  key: string;
  sequencer: string;
  /** Without `s3:`. */
  name: string;
  /** Milliseconds since the epoch: when it happened, and when it is to be sent. */
  happened: number;
  at: number;
  failures: number;
  /** The ARN of a queue or topic. */
  destination: string;
  /** The id of the configuration that wants it. */
  configuration: string;
  object: { size?: number; etag?: string; version?: string };
  /** What events of its kind alone say. */
  data?: EventData;
  principal: string;
  sourceIp: string;
  requestId: string;
  /** What the request said in `X-Amzn-Trace-Id`. */
  trace?: string;
};

/** Of which a bucket may have many, each with an id. */
export type IdentifiedKind = 'analytics' | 'inventory' | 'metrics';
export type IdentifiedConfiguration = { bucket: string; kind: IdentifiedKind; id: string; value: object };

/** A line of a bucket's access log that is not written yet. */
export type AccessLogLine = { bucket: string; at: number; id: string; line: string };

export type Bucket = {
  name: string;
  /** The account that owns it. */
  account: string;
  region: string;
  /** Milliseconds since the epoch. */
  created: number;
  /** Absent once deleted: then nothing is blocked. */
  publicAccessBlock?: PublicAccessBlock;
  /** Names the revision of its policy, by which parsed policies are cached; absent without a policy. */
  policy?: string;
  encryption?: DefaultEncryption;
  /** Absent until it is put for the first time; then it cannot be taken back. */
  versioning?: 'Enabled' | 'Suspended';
  /** Versions are deleted, and versioning is changed, only with a code of the root user's MFA device. */
  mfaDelete?: boolean;
  /** Names the revision of its lifecycle rules, by which they are cached; `minimumVaries` lets small objects be archived. */
  lifecycle?: { revision: string; minimumVaries?: true };
  /** Names the revision of its replication rules, by which they are cached, and whose hands carry the replicas. */
  replication?: { revision: string; role: string };
  /** Present where Object Lock is on, for ever; what retains new versions that do not say it themselves. */
  objectLock?: { mode?: Retention['mode']; days?: number; years?: number };
  /** The revisions of its configurations, by which parsed ones are cached. */
  configurations?: { [Kind in ConfigurationKind]?: string };
  requesterPays?: true;
  accelerate?: 'Enabled' | 'Suspended';
  /** Its tags are condition keys of every call on it and on its objects. */
  abac?: true;
  /** Absent where ACLs are off (BucketOwnerEnforced). */
  ownership?: Ownership;
  /** Absent while it grants all to the owner and nothing to others. */
  acl?: Grant[];
  /** It has metadata tables: changes of its objects are noted down for them. */
  metadata?: true;
  /** Of the table whose files it holds: it is no bucket of the customer's. */
  tableArn?: string;
};

export type BucketPolicy = { bucket: string; revision: string; text: string };

export type Tag = { Key: string; Value: string };
export type BucketTags = { bucket: string; tags: Tag[] };

type LifecycleConditions = { Prefix?: string; ObjectSizeGreaterThan?: number; ObjectSizeLessThan?: number };
/** As it was given: one condition, or several under `And`. */
export type LifecycleFilter = LifecycleConditions & { Tag?: Tag; And?: LifecycleConditions & { Tags?: Tag[] } };

/** Dates in milliseconds since the epoch. */
export type LifecycleRule = {
  id: string;
  enabled: boolean;
  /** Of a rule in the form from before filters. */
  prefix?: string;
  filter?: LifecycleFilter;
  expiration?: { date?: number; days?: number; deleteMarker?: boolean };
  transitions?: { storageClass: StorageClass; date?: number; days?: number }[];
  noncurrentTransitions?: { storageClass: StorageClass; days: number; newer?: number }[];
  noncurrentExpiration?: { days: number; newer?: number };
  abortDays?: number;
};

/** When Intelligent-Tiering archives objects of a bucket that nobody reads. */
export type TieringConfiguration = {
  bucket: string;
  id: string;
  enabled: boolean;
  filter?: LifecycleFilter;
  tierings: { tier: NonNullable<ObjectRecord['archiveTier']>; days: number }[];
};

/** Until when a bucket's storage is metered; `created` tells it from an earlier bucket of the name. */
export type StorageMeter = { bucket: string; created: number; until: number; /** How many there were to be metered. */ rows?: number };

/** The last midnight at which a bucket was swept, and by which rules. */
export type LifecycleSweep = { bucket: string; revision: string; at: number };

export type ChecksumAlgorithm =
  | 'CRC32'
  | 'CRC32C'
  | 'CRC64NVME'
  | 'SHA1'
  | 'SHA256'
  | 'SHA512'
  | 'MD5'
  | 'XXHASH64'
  | 'XXHASH3'
  | 'XXHASH128';

export type Checksum = {
  algorithm: ChecksumAlgorithm;
  /** Base64; a composite one ends with `-` and the number of parts. */
  value: string;
  composite?: true;
};

/** The headers that S3 gives back as they were put: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export type SystemHeaders = {
  contentType?: string;
  cacheControl?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  contentLanguage?: string;
  expires?: string;
  /** Where a website sends who asks for the object. */
  websiteRedirectLocation?: string;
};

/** `until` in milliseconds since the epoch. */
export type Retention = { mode: 'GOVERNANCE' | 'COMPLIANCE'; until: number };
/** What keeps a version from being deleted. */
export type Locked = { retention?: Retention; /** False where one was put and taken off. */ legalHold?: boolean };

export type StorageClass =
  | 'REDUCED_REDUNDANCY'
  | 'STANDARD_IA'
  | 'ONEZONE_IA'
  | 'INTELLIGENT_TIERING'
  | 'GLACIER_IR'
  | 'GLACIER'
  | 'DEEP_ARCHIVE';

/** A copy of what is archived, to be read from `due` until `until`, in milliseconds since the epoch; for ever where that is absent. */
export type Restore = { tier: 'Expedited' | 'Standard' | 'Bulk'; due: number; until?: number };

/** When a copy of what is archived comes, and when it goes: `at` is the next of the two that nobody was told of. */
export type Restoration = {
  bucket: string;
  key: string;
  /** The version's id. */
  version: string;
  next: 'Completed' | 'Delete';
  at: number;
  until?: number;
  /** Of the object that is restored: another may have taken its place, or it may have moved. */
  modified: number;
  storageClass: StorageClass;
};

/** What a PUT, a copy or an upload says of the object besides its bytes. */
export type Description = Locked & {
  /** Absent for STANDARD. */
  storageClass?: StorageClass;
  headers?: SystemHeaders;
  /** User metadata, names in lower case without `x-amz-meta-`. */
  metadata?: [name: string, value: string][];
  tags?: Tag[];
};

/** Parts of an object that was completed from an upload; its rows stay in `parts`. */
export type Parts = {
  /** The upload's id. */
  id: string;
  count: number;
  /** Bytes of every part but the last, where parts are numbered from 1 without a gap and are all as long: finds a range without a scan. */
  size?: number;
};

/** An object's annotations, which lie in rows of their own under the id, all together. */
export type Annotations = {
  id: string;
  count: number;
  bytes: number;
  /** Milliseconds since the epoch: since when there are so many. */
  since: number;
};

export type ObjectRecord = Description & {
  bucket: string;
  key: string;
  /** Absent for the null version, the only one that a bucket without versioning has. Version ids sort newest first. */
  version?: string;
  /** Of a null version that has or had others beside it: where it lies among their ids. */
  place?: string;
  /** Milliseconds since the epoch. */
  modified: number;
  size: number;
  /** Without quotes. */
  etag: string;
  checksum: Checksum;
  /** When it came into its class, where that was not when it was made. */
  classSince?: number;
  /** The one zone that keeps it, in One Zone-IA, and since when. */
  zone?: { name: string; since: number };
  /** In Intelligent-Tiering: when it was last read, and whether it was archived for want of readers. */
  accessed?: number;
  archiveTier?: 'ARCHIVE_ACCESS' | 'DEEP_ARCHIVE_ACCESS';
  restore?: Restore;
  annotations?: Annotations;
  /** Either its bytes in one piece, or in parts. */
  blob?: BlobRef;
  parts?: Parts;
  encryption?: Encryption;
  /** Of `blob`, wrapped, base64; absent where an early release wrote the bytes in the clear. */
  dataKey?: string;
  owner?: Access['owner'];
  acl?: Access['acl'];
  /** Of one that rules of replication are for, and of one that they made. */
  replication?: 'PENDING' | 'COMPLETED' | 'FAILED' | 'REPLICA';
  /** Of a replica: when it came, in milliseconds since the epoch. `modified` is that of its source. */
  arrived?: number;
};

export type DeleteMarker = Pick<ObjectRecord, 'bucket' | 'key' | 'version' | 'place' | 'modified'> & { deleteMarker: true };

/** What lies below the current version of a key, and delete markers on top. */
export type VersionRecord = (ObjectRecord | DeleteMarker) & {
  /** When it ceased to be current, in milliseconds since the epoch; absent for a delete marker that is current. */
  since?: number;
};

export type Upload = Description & {
  bucket: string;
  key: string;
  /** Begins with the time, so that uploads of one key lie in the order of their beginning. */
  id: string;
  initiated: number;
  initiator: { id: string; name: string };
  checksum: { algorithm: ChecksumAlgorithm; composite: boolean; /** False where S3 chose it. */ asked: boolean };
  encryption?: Encryption;
  owner?: Access['owner'];
  acl?: Access['acl'];
};

export type Part = {
  upload: string;
  number: number;
  modified: number;
  size: number;
  etag: string;
  /** Base64, by the upload's algorithm. */
  checksum: string;
  blob: BlobRef;
  /** Of `blob`, wrapped as the object's or upload's encryption says. */
  dataKey?: string;
};

export const buckets = table<Bucket, 'account'>('s3/buckets', {
  key: (bucket) => [bucket.name],
  // Buckets of tables are not among those of their account; rows from before there were any have none.
  indexes: { account: (bucket) => (bucket.tableArn === undefined ? [bucket.account] : undefined) },
});

export const bucketPolicies = table<BucketPolicy>('s3/bucket-policies', { key: (policy) => [policy.bucket] });

export const bucketTags = table<BucketTags>('s3/bucket-tags', { key: (tags) => [tags.bucket] });

export const lifecycleRules = table<{ bucket: string; number: number; rule: LifecycleRule }>('s3/lifecycle-rules', {
  key: ({ bucket, number }) => [bucket, number],
});

export const lifecycleSweeps = table<LifecycleSweep>('s3/lifecycle-sweeps', { key: (sweep) => [sweep.bucket] });

export const tieringConfigurations = table<TieringConfiguration>('s3/tiering-configurations', { key: ({ bucket, id }) => [bucket, id] });

/** The last midnight at which Intelligent-Tiering archived what nobody read. */
export const tieringSweeps = table<{ name: 'all'; at: number }>('s3/tiering-sweeps', { key: ({ name }) => [name] });

export const storageMeters = table<StorageMeter>('s3/storage-meters', { key: (meter) => [meter.bucket] });

export const bucketConfigurations = table<BucketConfiguration>('s3/bucket-configurations', { key: ({ bucket, kind }) => [bucket, kind] });

export const pendingEvents = table<PendingEvent, 'at'>('s3/pending-events', {
  key: ({ bucket, sequencer, destination }) => [bucket, sequencer, destination],
  indexes: { at: ({ at, bucket, sequencer }) => [at, bucket, sequencer] },
});

/** The last sequencer that was given to an event of a bucket. */
export const sequencers = table<{ bucket: string; last: number }>('s3/sequencers', { key: ({ bucket }) => [bucket] });

export const restorations = table<Restoration, 'at'>('s3/restorations', {
  key: ({ bucket, key, version }) => [bucket, key, version],
  indexes: { at: ({ at, bucket, key, version }) => [at, bucket, key, version] },
});

export const identifiedConfigurations = table<IdentifiedConfiguration>('s3/identified-configurations', {
  key: ({ bucket, kind, id }) => [bucket, kind, id],
});

export const accessLogLines = table<AccessLogLine>('s3/access-log-lines', { key: ({ bucket, at, id }) => [bucket, at, id] });

export const objects = table<ObjectRecord>('s3/objects', {
  key: (object) => [object.bucket, object.key],
  version: 2,
  packing: objectPacking,
});

export const versions = table<VersionRecord, 'null'>('s3/versions', {
  key: ({ bucket, key, version, place }) => [bucket, key, (version ?? place)!],
  indexes: { null: ({ bucket, key, version }) => (version === undefined ? [bucket, key] : undefined) },
  version: 2,
  packing: versionPacking,
});

export const uploads = table<Upload>('s3/uploads', { key: (upload) => [upload.bucket, upload.key, upload.id] });

export const parts = table<Part>('s3/parts', { key: (part) => [part.upload, part.number] });
