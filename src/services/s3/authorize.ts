/** What each operation of S3 asks to be allowed. */

import type { ServiceDefinition } from '../../framework/service.ts';
import { onCreateBucket } from './buckets/create.ts';
import { onListBuckets } from './buckets/operations.ts';
import { onUploadPartCopy } from './multipart-uploads/copy-part.ts';
import { onPutObjectLegalHold, onPutObjectRetention } from './object-lock/operations.ts';
import { onCopyObject } from './objects/copy.ts';
import { onDeleteObjects } from './objects/delete.ts';
import { onBucket, onBucketPolicy, onGetObjectAttributes, onListing, onNewObject, onObject } from './permissions.ts';
import type { S3 } from './sdk.ts';
import { onPutObjectTagging } from './tagging/operations.ts';

export const authorize: ServiceDefinition<S3>['authorize'] = {
  AbortMultipartUpload: onObject('s3:AbortMultipartUpload'),
  CompleteMultipartUpload: onNewObject,
  CopyObject: onCopyObject,
  CreateBucket: onCreateBucket,
  CreateMultipartUpload: onNewObject,
  DeleteBucket: onBucket('s3:DeleteBucket'),
  DeleteBucketEncryption: onBucket('s3:PutEncryptionConfiguration'),
  DeleteBucketOwnershipControls: onBucket('s3:PutBucketOwnershipControls'),
  DeleteBucketLifecycle: onBucket('s3:PutLifecycleConfiguration'),
  DeleteBucketPolicy: onBucketPolicy('s3:DeleteBucketPolicy'),
  DeleteBucketTagging: onBucket('s3:PutBucketTagging'),
  DeleteObject: onObject('s3:DeleteObject', 's3:DeleteObjectVersion'),
  DeleteObjects: onDeleteObjects,
  DeleteObjectTagging: onObject('s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'),
  DeletePublicAccessBlock: onBucket('s3:PutBucketPublicAccessBlock'),
  GetBucketAccelerateConfiguration: onBucket('s3:GetAccelerateConfiguration'),
  GetBucketAcl: onBucket('s3:GetBucketAcl'),
  GetBucketCors: onBucket('s3:GetBucketCORS'),
  GetBucketEncryption: onBucket('s3:GetEncryptionConfiguration'),
  GetBucketLifecycleConfiguration: onBucket('s3:GetLifecycleConfiguration'),
  GetBucketLocation: onBucket('s3:GetBucketLocation'),
  GetBucketLogging: onBucket('s3:GetBucketLogging'),
  GetBucketNotificationConfiguration: onBucket('s3:GetBucketNotification'),
  GetBucketOwnershipControls: onBucket('s3:GetBucketOwnershipControls'),
  GetBucketPolicy: onBucketPolicy('s3:GetBucketPolicy'),
  GetBucketPolicyStatus: onBucket('s3:GetBucketPolicyStatus'),
  GetBucketReplication: onBucket('s3:GetReplicationConfiguration'),
  GetBucketRequestPayment: onBucket('s3:GetBucketRequestPayment'),
  GetBucketTagging: onBucket('s3:GetBucketTagging'),
  GetBucketVersioning: onBucket('s3:GetBucketVersioning'),
  GetBucketWebsite: onBucket('s3:GetBucketWebsite'),
  GetObject: onObject('s3:GetObject', 's3:GetObjectVersion'),
  GetObjectAcl: onObject('s3:GetObjectAcl', 's3:GetObjectVersionAcl'),
  GetObjectAttributes: onGetObjectAttributes,
  GetObjectLegalHold: onObject('s3:GetObjectLegalHold'),
  GetObjectLockConfiguration: onBucket('s3:GetBucketObjectLockConfiguration'),
  GetObjectRetention: onObject('s3:GetObjectRetention'),
  GetObjectTagging: onObject('s3:GetObjectTagging', 's3:GetObjectVersionTagging'),
  GetPublicAccessBlock: onBucket('s3:GetBucketPublicAccessBlock'),
  HeadBucket: onBucket('s3:ListBucket'),
  HeadObject: onObject('s3:GetObject', 's3:GetObjectVersion'),
  ListBuckets: onListBuckets,
  ListMultipartUploads: onListing('s3:ListBucketMultipartUploads'),
  ListObjects: onListing('s3:ListBucket'),
  ListObjectsV2: onListing('s3:ListBucket'),
  ListObjectVersions: onListing('s3:ListBucketVersions'),
  ListParts: onObject('s3:ListMultipartUploadParts'),
  PutBucketAcl: onBucket('s3:PutBucketAcl'),
  PutBucketEncryption: onBucket('s3:PutEncryptionConfiguration'),
  PutBucketLifecycleConfiguration: onBucket('s3:PutLifecycleConfiguration'),
  PutBucketOwnershipControls: onBucket('s3:PutBucketOwnershipControls'),
  PutBucketPolicy: onBucketPolicy('s3:PutBucketPolicy'),
  PutBucketTagging: onBucket('s3:PutBucketTagging'),
  PutBucketVersioning: onBucket('s3:PutBucketVersioning'),
  PutObject: onNewObject,
  PutObjectAcl: onObject('s3:PutObjectAcl', 's3:PutObjectVersionAcl'),
  PutObjectLegalHold: onPutObjectLegalHold,
  PutObjectLockConfiguration: onBucket('s3:PutBucketObjectLockConfiguration'),
  PutObjectRetention: onPutObjectRetention,
  PutObjectTagging: onPutObjectTagging,
  PutPublicAccessBlock: onBucket('s3:PutBucketPublicAccessBlock'),
  RestoreObject: onObject('s3:RestoreObject'),
  UploadPart: onNewObject,
  UploadPartCopy: onUploadPartCopy,
};
