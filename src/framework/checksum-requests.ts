/**
 * Checksums of objects as they lie in S3, which a batch job (S3ComputeObjectChecksum) asks for: the job writes a row for each version, S3
 * computes and writes the outcome into it, and the job, which watches the table, deletes what it has read. S3 asks for the caller's right.
 */

import type { Principal } from './principal.ts';
import { table } from '../store/table.ts';

export type ChecksumRequest = {
  /** Names the job; rows of one job are told apart by their number. */
  job: string;
  number: number;
  bucket: string;
  key: string;
  /** The current version where absent; `null` for the null version. */
  version?: string;
  /** Who asks: the role of the job. */
  principal: Principal;
  /** As S3 calls it: `CRC64NVME`. */
  algorithm: string;
  composite: boolean;
  /** Present once it is done; the value in base64, of a composite one with `-` and the number of parts. */
  outcome?: { status: 'COMPLETED'; value: string; etag: string } | { status: 'FAILED'; httpStatus: number; reason: string };
};

/** `waiting` holds those that S3 has not answered. */
export const checksumRequests = table<ChecksumRequest, 'waiting'>('framework/checksum-requests', {
  key: ({ job, number }) => [job, number],
  indexes: { waiting: ({ job, number, outcome }) => (outcome ? undefined : [job, number]) },
});
