/** The durable records of replication: the rules of buckets, and what is still to be done. */

import { table } from '../../../store/table.ts';
import type { StorageClass, Tag } from '../tables.ts';

export type ReplicationRule = {
  ID?: string | undefined;
  Priority?: number | undefined;
  /** Of a rule in the form from before filters. */
  Prefix?: string | undefined;
  Filter?: { Prefix?: string; Tag?: Tag; And?: { Prefix?: string; Tags?: Tag[] } };
  Status: 'Enabled' | 'Disabled';
  SourceSelectionCriteria?: {
    SseKmsEncryptedObjects?: { Status: 'Enabled' | 'Disabled' };
    ReplicaModifications?: { Status: 'Enabled' | 'Disabled' };
  };
  Destination: {
    Bucket: string;
    Account?: string;
    StorageClass?: 'STANDARD' | StorageClass;
    AccessControlTranslation?: { Owner: 'Destination' };
    EncryptionConfiguration?: { ReplicaKmsKeyID?: string };
    ReplicationTime?: { Status: 'Enabled' | 'Disabled'; Time: { Minutes?: number } };
    Metrics?: { Status: 'Enabled' | 'Disabled'; EventThreshold?: { Minutes?: number } };
  };
  DeleteMarkerReplication?: { Status?: 'Enabled' | 'Disabled' };
};

/**
 * That a destination is to have a version as its source has it now. There is one of each version and destination, whatever happens to
 * the version meanwhile.
 */
export type ReplicationTask = {
  bucket: string;
  key: string;
  /** The version's id. */
  version: string;
  /** The name of the bucket. */
  destination: string;
  /** The id of the rule that wants it. */
  rule: string;
  /** What is to be made, or that what is there is to be described anew: with other tags, another ACL, another lock. */
  kind: 'object' | 'marker' | 'description';
  /** Milliseconds since the epoch: when it was asked for, and when it is to be tried. */
  asked: number;
  at: number;
  failures: number;
  /** It was told that it took longer than the rule's Replication Time Control promises. */
  late?: true;
  /** Asked for by batch jobs, which are to be told how it went. */
  requests?: { job: string; number: number }[];
};

/** A rule of replication, as it was put and with its id. */
export const replicationRules = table<{ bucket: string; number: number; rule: ReplicationRule }>('s3/replication-rules', {
  key: ({ bucket, number }) => [bucket, number],
});

export const replicationTasks = table<ReplicationTask, 'at'>('s3/replication-tasks', {
  key: ({ bucket, key, version, destination }) => [bucket, key, version, destination],
  indexes: { at: ({ at }) => [at] },
});
