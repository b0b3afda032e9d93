/** What CloudTrail counts as data events: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */

import type { ServiceDefinition } from '../../framework/service.ts';
import type { S3 } from './sdk.ts';

export const dataEvents: NonNullable<ServiceDefinition<S3>['dataEvents']> = [
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CopyObject',
  'CreateMultipartUpload',
  'DeleteObject',
  'DeleteObjects',
  'DeleteObjectAnnotation',
  'DeleteObjectTagging',
  'GetObject',
  'GetObjectAcl',
  'GetObjectAnnotation',
  'GetObjectAttributes',
  'GetObjectTagging',
  'HeadObject',
  'ListMultipartUploads',
  'ListObjectAnnotations',
  'ListObjects',
  'ListObjectsV2',
  'ListObjectVersions',
  'ListParts',
  'PutObject',
  'PutObjectAcl',
  'PutObjectAnnotation',
  'PutObjectTagging',
  'RestoreObject',
  'SelectObjectContent',
  'UploadPart',
  'UploadPartCopy',
];
