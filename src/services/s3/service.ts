/** S3: object storage. Built from issue to issue; what is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from './acl/operations.ts';
import { afterReply } from './after-reply.ts';
import { authorize } from './authorize.ts';
import * as bucketPolicyOperations from './bucket-policies/operations.ts';
import { CreateBucket } from './buckets/create.ts';
import { DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from './buckets/operations.ts';
import { DeleteBucketOwnershipControls, GetBucketOwnershipControls, PutBucketOwnershipControls } from './buckets/ownership.ts';
import * as publicAccessBlockOperations from './buckets/public-access-block.ts';
import * as bucketSettings from './buckets/settings.ts';
import { dataEvents } from './data-events.ts';
import * as defaultEncryption from './encryption/default-encryption.ts';
import { archiver } from './intelligent-tiering/archiver.ts';
import * as tieringOperations from './intelligent-tiering/operations.ts';
import * as lifecycle from './lifecycle/operations.ts';
import { lifecycleSweeper } from './lifecycle/sweeper.ts';
import { ListObjects, ListObjectsV2 } from './listings/operations.ts';
import { ListObjectVersions } from './listings/versions.ts';
import { CompleteMultipartUpload } from './multipart-uploads/complete.ts';
import { UploadPartCopy } from './multipart-uploads/copy-part.ts';
import { ListMultipartUploads, ListParts } from './multipart-uploads/listings.ts';
import { AbortMultipartUpload, CreateMultipartUpload, UploadPart } from './multipart-uploads/operations.ts';
import {
  GetObjectLegalHold,
  GetObjectLockConfiguration,
  GetObjectRetention,
  PutObjectLegalHold,
  PutObjectLockConfiguration,
  PutObjectRetention,
} from './object-lock/operations.ts';
import { GetObjectAttributes } from './objects/attributes.ts';
import { CopyObject } from './objects/copy.ts';
import { DeleteObject, DeleteObjects } from './objects/delete.ts';
import { GetObject, HeadObject } from './objects/get.ts';
import { PutObject } from './objects/put.ts';
import type { S3 } from './sdk.ts';
import { RestoreObject } from './storage-classes/restore.ts';
import { storageMeter } from './storage-classes/storage-meter.ts';
import * as tables from './tables.ts';
import {
  DeleteBucketTagging,
  DeleteObjectTagging,
  GetBucketTagging,
  GetObjectTagging,
  PutBucketTagging,
  PutObjectTagging,
} from './tagging/operations.ts';
import { answerUnrouted } from './unrouted.ts';
import * as versioning from './versions/operations.ts';

export const service = defineService<S3>({
  name: 's3',
  tables: [
    tables.buckets,
    tables.bucketPolicies,
    tables.bucketTags,
    tables.objects,
    tables.versions,
    tables.uploads,
    tables.parts,
    tables.lifecycleRules,
    tables.lifecycleSweeps,
    tables.tieringConfigurations,
    tables.storageMeters,
  ],
  operations: {
    ...bucketPolicyOperations,
    ...bucketSettings,
    ...defaultEncryption,
    ...publicAccessBlockOperations,
    ...versioning,
    ...lifecycle,
    ...tieringOperations,
    RestoreObject,
    ...{ GetObjectLockConfiguration, PutObjectLockConfiguration },
    ...{ GetObjectLegalHold, PutObjectLegalHold, GetObjectRetention, PutObjectRetention },
    ...{ CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets },
    ...{ DeleteBucketOwnershipControls, GetBucketOwnershipControls, PutBucketOwnershipControls },
    ...{ GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl },
    ...{ GetBucketTagging, PutBucketTagging, DeleteBucketTagging, GetObjectTagging, PutObjectTagging, DeleteObjectTagging },
    ...{
      PutObject,
      GetObject,
      HeadObject,
      CopyObject,
      DeleteObject,
      DeleteObjects,
      GetObjectAttributes,
      ListObjects,
      ListObjectsV2,
      ListObjectVersions,
    },
    ...{
      CreateMultipartUpload,
      UploadPart,
      UploadPartCopy,
      ListParts,
      ListMultipartUploads,
      CompleteMultipartUpload,
      AbortMultipartUpload,
    },
  },
  authorize,
  reconcilers: [lifecycleSweeper, archiver, storageMeter],
  beforeRouting: answerUnrouted,
  afterReply,
  dataEvents,
});
