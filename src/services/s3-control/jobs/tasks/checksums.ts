/** Checksums that a job has S3 compute, and how its report tells them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html */

import { checksumRequests, type ChecksumRequest } from '../../../../framework/checksum-requests.ts';
import type { Job } from '../../tables.ts';
import { askedBy } from './asked.ts';
import { succeeded, type TaskResult } from './execute.ts';

export const checksums = askedBy(
  checksumRequests,
  (row, { operation }) => {
    const { ChecksumAlgorithm: algorithm = 'CRC64NVME', ChecksumType: type } = operation.S3ComputeObjectChecksum!;
    return { ...row, algorithm, composite: type === 'COMPOSITE' };
  },
  resultOf,
);

function resultOf(row: ChecksumRequest, job: Job): TaskResult | undefined {
  const { outcome, algorithm, composite } = row;
  if (!outcome) return undefined;
  if (outcome.status === 'FAILED') {
    const details = { failureMessage: `Task ${job.id}-${row.number} ${outcome.reason}`, errorCode: String(outcome.httpStatus) };
    return { status: 'failed', httpStatus: 200, code: 'PermanentFailure', message: `error details: ${JSON.stringify(details)}` };
  }
  const told = {
    checksum_base64: outcome.value,
    etag: outcome.etag,
    checksumAlgorithm: algorithm,
    checksumType: composite ? 'COMPOSITE' : 'FULL_OBJECT',
    checksum_hex: hexOf(outcome.value),
  };
  // As AWS writes it.
  return { ...succeeded, message: JSON.stringify(told).replaceAll('=', '\\u003d') };
}

/** Of a composite one the number of parts stays behind it. */
function hexOf(value: string): string {
  const [base64 = '', count] = value.split('-');
  const hex = Buffer.from(base64, 'base64').toString('hex').toUpperCase();
  return count === undefined ? hex : `${hex}-${count}`;
}
