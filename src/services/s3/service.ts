/** S3: object storage. Built from issue to issue; what is not listed here answers NotImplemented. */

import { checksumRequests } from '../../framework/checksum-requests.ts';
import { replicationRequests } from '../../framework/replication-requests.ts';
import { replicationCandidates, replicationSearches } from '../../framework/replication-searches.ts';
import { icebergTables, tableBuckets, tableNamespaces } from '../../framework/s3-tables/tables.ts';
import { zoneFaults } from '../../framework/zone-faults.ts';
import { defineService } from '../../framework/service.ts';
import { GetBucketLogging, PutBucketLogging } from './access-logs/configuration.ts';
import { logWriter } from './access-logs/writer.ts';
import { GetBucketAcl, GetObjectAcl, PutBucketAcl, PutObjectAcl } from './acl/operations.ts';
import { resolveInput } from './access-points/through.ts';
import { DeleteObjectAnnotation, GetObjectAnnotation, ListObjectAnnotations } from './annotations/operations.ts';
import { PutObjectAnnotation } from './annotations/put.ts';
import { annotations } from './annotations/tables.ts';
import { afterReply } from './after-reply.ts';
import { callUsage } from './call-usage.ts';
import { authorize } from './authorize.ts';
import * as bucketPolicyOperations from './bucket-policies/operations.ts';
import { GetBucketAccelerateConfiguration, PutBucketAccelerateConfiguration } from './buckets/accelerate.ts';
import { GetBucketAbac, PutBucketAbac } from './buckets/abac.ts';
import { CreateBucket } from './buckets/create.ts';
import { DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets } from './buckets/operations.ts';
import { DeleteBucketOwnershipControls, GetBucketOwnershipControls, PutBucketOwnershipControls } from './buckets/ownership.ts';
import * as publicAccessBlockOperations from './buckets/public-access-block.ts';
import { GetBucketRequestPayment, PutBucketRequestPayment } from './buckets/request-payment.ts';
import { checksumComputer } from './checksums/computer.ts';
import * as corsOperations from './cors/configuration.ts';
import { dataEvents } from './data-events.ts';
import * as defaultEncryption from './encryption/default-encryption.ts';
import { UpdateObjectEncryption } from './encryption/update.ts';
import { archiver } from './intelligent-tiering/archiver.ts';
import * as tieringOperations from './intelligent-tiering/operations.ts';
import * as inventoryOperations from './inventory/operations.ts';
import { inventoryReporter } from './inventory/reporter.ts';
import { inventoryReports } from './inventory/tables.ts';
import * as lifecycle from './lifecycle/operations.ts';
import { lifecycleSweeper } from './lifecycle/sweeper.ts';
import { ListObjects, ListObjectsV2 } from './listings/operations.ts';
import { ListObjectVersions } from './listings/versions.ts';
import { tableKeeper } from './metadata-tables/keeper.ts';
import * as firstForm from './metadata-tables/first-form.ts';
import {
  CreateBucketMetadataConfiguration,
  DeleteBucketMetadataConfiguration,
  GetBucketMetadataConfiguration,
  UpdateBucketMetadataAnnotationTableConfiguration,
  UpdateBucketMetadataInventoryTableConfiguration,
  UpdateBucketMetadataJournalTableConfiguration,
} from './metadata-tables/operations.ts';
import { dueFiles, journalEntries, metadataConfigurations, tableFiles, tableRanges, warehouses } from './metadata-tables/tables.ts';
import * as metricsOperations from './metrics/configurations.ts';
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
import { GetBucketNotificationConfiguration, PutBucketNotificationConfiguration } from './notifications/configuration.ts';
import { deliveries } from './notifications/deliveries.ts';
import { GetObjectAttributes } from './objects/attributes.ts';
import { CopyObject } from './objects/copy.ts';
import { DeleteObject, DeleteObjects } from './objects/delete.ts';
import { GetObject, HeadObject } from './objects/get.ts';
import { PutObject } from './objects/put.ts';
import { GetObjectTorrent } from './objects/torrent.ts';
import { DeleteBucketReplication, GetBucketReplication, PutBucketReplication } from './replication/operations.ts';
import { replicationRules, replicationTasks } from './replication/tables.ts';
import { candidateFinder } from './replication/candidates.ts';
import { replicator } from './replication/replicator.ts';
import type { S3 } from './sdk.ts';
import { checkSelectInput, SelectObjectContent } from './select/operation.ts';
import { restorer } from './storage-classes/restorations.ts';
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
import { DeleteBucketWebsite, GetBucketWebsite, PutBucketWebsite } from './website/configuration.ts';
import * as versioning from './versions/operations.ts';

export const service = defineService<S3>({
  name: 's3',
  callUsage,
  tables: [
    tables.buckets,
    tables.bucketPolicies,
    tables.bucketConfigurations,
    tables.bucketTags,
    tables.identifiedConfigurations,
    tables.accessLogLines,
    annotations,
    tables.objects,
    tables.pendingEvents,
    tables.restorations,
    tables.sequencers,
    tables.versions,
    zoneFaults,
    tables.uploads,
    tables.parts,
    tables.lifecycleRules,
    tables.lifecycleSweeps,
    tables.tieringConfigurations,
    replicationRules,
    replicationTasks,
    replicationRequests,
    checksumRequests,
    replicationSearches,
    replicationCandidates,
    inventoryReports,
    dueFiles,
    icebergTables,
    journalEntries,
    metadataConfigurations,
    tableBuckets,
    tableFiles,
    tableNamespaces,
    tableRanges,
    warehouses,
    tables.tieringSweeps,
    tables.storageMeters,
  ],
  operations: {
    ...bucketPolicyOperations,
    ...corsOperations,
    ...metricsOperations,
    ...firstForm,
    ...{ CreateBucketMetadataConfiguration, DeleteBucketMetadataConfiguration, GetBucketMetadataConfiguration },
    UpdateBucketMetadataAnnotationTableConfiguration,
    UpdateBucketMetadataInventoryTableConfiguration,
    UpdateBucketMetadataJournalTableConfiguration,
    ...inventoryOperations,
    ...{ GetBucketAccelerateConfiguration, PutBucketAccelerateConfiguration, GetBucketLogging, PutBucketLogging },
    ...defaultEncryption,
    UpdateObjectEncryption,
    ...{ DeleteBucketReplication, GetBucketReplication, PutBucketReplication },
    ...publicAccessBlockOperations,
    ...versioning,
    ...lifecycle,
    ...tieringOperations,
    RestoreObject,
    ...{ DeleteObjectAnnotation, GetObjectAnnotation, ListObjectAnnotations, PutObjectAnnotation },
    ...{ GetObjectLockConfiguration, PutObjectLockConfiguration },
    ...{ GetObjectLegalHold, PutObjectLegalHold, GetObjectRetention, PutObjectRetention },
    ...{ CreateBucket, DeleteBucket, GetBucketLocation, HeadBucket, ListBuckets },
    ...{ GetBucketNotificationConfiguration, PutBucketNotificationConfiguration },
    ...{ DeleteBucketWebsite, GetBucketWebsite, PutBucketWebsite },
    ...{ GetBucketRequestPayment, PutBucketRequestPayment },
    ...{ GetBucketAbac, PutBucketAbac },
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
      SelectObjectContent,
      GetObjectTorrent,
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
  checkInput: checkSelectInput,
  reconcilers: [
    deliveries,
    logWriter,
    replicator,
    candidateFinder,
    checksumComputer,
    lifecycleSweeper,
    archiver,
    restorer,
    storageMeter,
    inventoryReporter,
    tableKeeper,
  ],
  resolveInput,
  beforeRouting: answerUnrouted,
  afterReply,
  dataEvents,
});
