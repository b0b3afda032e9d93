/** Objects that a job has S3 replicate: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html */

import { replicationRequests, type ReplicationRequest } from '../../../../framework/replication-requests.ts';
import { askedBy } from './asked.ts';
import { succeeded } from './execute.ts';

export const replicas = askedBy(
  replicationRequests,
  (row): ReplicationRequest => row,
  ({ outcome }) => {
    if (!outcome) return undefined;
    if (outcome.status === 'COMPLETED') return succeeded;
    return { status: 'failed', httpStatus: 400, code: outcome.reason, message: outcome.reason };
  },
);
