/**
 * Objects that were there before a rule of replication, and what a batch job (S3ReplicateObject) asks of them. The job writes a row for
 * each version, S3's replicator does what the bucket's rules say of it now and writes the outcome into the row; the job watches the table,
 * reads outcomes by `[job]` and deletes what it has read. The caller's right to it (s3:InitiateReplication) is asked for by S3.
 */

import type { Principal } from './principal.ts';
import { table } from '../store/table.ts';

export type ReplicationRequest = {
  /** Names the job; rows of one job are told apart by their number. */
  job: string;
  number: number;
  bucket: string;
  key: string;
  /** The current version where absent; `null` for the null version. */
  version?: string;
  /** Who asks: the role of the job. */
  principal: Principal;
  /** When S3 has begun with it: how many destinations are not done, and why the first one failed that did. */
  open?: number;
  failure?: string;
  /** Present once all is done. A failure names AWS's reason: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html */
  outcome?: { status: 'COMPLETED' } | { status: 'FAILED'; reason: string };
};

/** `waiting` holds those that S3 has not begun with. */
export const replicationRequests = table<ReplicationRequest, 'waiting'>('framework/replication-requests', {
  key: ({ job, number }) => [job, number],
  indexes: { waiting: ({ job, number, open, outcome }) => (open === undefined && !outcome ? [job, number] : undefined) },
});
