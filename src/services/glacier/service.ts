/** Glacier: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { DeleteArchive, UploadArchive } from './archives/operations.ts';
import { authorize } from './authorize.ts';
import { missingVersion } from './errors.ts';
import { InitiateJob } from './jobs/initiate.ts';
import * as jobs from './jobs/operations.ts';
import { runner } from './jobs/runner.ts';
import { collector } from './multipart-uploads/collector.ts';
import * as uploadListings from './multipart-uploads/listings.ts';
import * as uploads from './multipart-uploads/operations.ts';
import * as notifications from './notifications/operations.ts';
import * as policies from './policies/operations.ts';
import * as provisionedCapacity from './provisioned-capacity/operations.ts';
import * as retrievalPolicies from './retrieval-policies/operations.ts';
import type { Glacier } from './sdk.ts';
import { tables } from './tables.ts';
import * as tagging from './tagging/operations.ts';
import * as vaultLocks from './vault-locks/operations.ts';
import { storageMeter } from './vaults/storage-meter.ts';
import { counter } from './vaults/counter.ts';
import * as vaults from './vaults/operations.ts';

export const service = defineService<Glacier>({
  name: 'glacier',
  tables,
  operations: {
    ...vaults,
    ...tagging,
    ...policies,
    ...vaultLocks,
    ...{ UploadArchive, DeleteArchive },
    ...uploads,
    ...uploadListings,
    InitiateJob,
    ...jobs,
    ...notifications,
    ...retrievalPolicies,
    ...provisionedCapacity,
  },
  authorize,
  reconcilers: [counter, collector, runner, storageMeter],
  checkInput: ({ http }) => {
    if (http && http.headers['x-amz-glacier-version'] === undefined) throw missingVersion();
  },
});
