/** Copies of a job: what is asked of S3, and whether a copy that nobody heard of was made. */

import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3CopyObjectOperation, S3Grant } from '@aws-sdk/client-s3-control';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { Aws } from '../../../../framework/clients.ts';
import type { JobTask } from '../../tables.ts';
import { bucketOfArn } from '../checks.ts';

function targetOf(copy: S3CopyObjectOperation, task: JobTask): { Bucket: string; Key: string } {
  return {
    Bucket: bucketOfArn('TargetResource', copy.TargetResource),
    Key: `${copy.TargetKeyPrefix ? `${copy.TargetKeyPrefix}/` : ''}${task.key}`,
  };
}

/** Metadata and tags are the source's unless the job brings its own. */
export function copyInput(copy: S3CopyObjectOperation, task: JobTask): CopyObjectCommandInput {
  const version = task.version === undefined ? '' : `?versionId=${task.version}`;
  const meta = copy.NewObjectMetadata;
  const replace = copy.MetadataDirective === 'REPLACE' || (copy.MetadataDirective === undefined && meta !== undefined);
  const tags = copy.NewObjectTagging ?? [];
  const input: CopyObjectCommandInput = {
    ...targetOf(copy, task),
    CopySource: `${task.bucket}/${encodeURIComponent(task.key)}${version}`,
    ...(replace && { MetadataDirective: 'REPLACE', ...metadataOf(meta) }),
    ...(tags.length > 0 && {
      TaggingDirective: 'REPLACE',
      Tagging: new URLSearchParams(tags.map(({ Key, Value }) => [Key!, Value!])).toString(),
    }),
    ACL: copy.CannedAccessControlList,
    ...grantsOf(copy.AccessControlGrants ?? []),
    CopySourceIfModifiedSince: copy.ModifiedSinceConstraint,
    CopySourceIfUnmodifiedSince: copy.UnModifiedSinceConstraint,
    WebsiteRedirectLocation: copy.RedirectLocation,
    RequestPayer: copy.RequesterPays ? 'requester' : undefined,
    StorageClass: copy.StorageClass,
    ServerSideEncryption: copy.SSEAwsKmsKeyId || meta?.SSEAlgorithm === 'KMS' ? 'aws:kms' : meta?.SSEAlgorithm,
    SSEKMSKeyId: copy.SSEAwsKmsKeyId,
    BucketKeyEnabled: copy.BucketKeyEnabled,
    ObjectLockLegalHoldStatus: copy.ObjectLockLegalHoldStatus,
    ObjectLockMode: copy.ObjectLockMode,
    ObjectLockRetainUntilDate: copy.ObjectLockRetainUntilDate,
    ChecksumAlgorithm: copy.ChecksumAlgorithm as 'CRC32' | undefined,
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as CopyObjectCommandInput;
}

function metadataOf(meta: S3CopyObjectOperation['NewObjectMetadata']) {
  return {
    CacheControl: meta?.CacheControl,
    ContentDisposition: meta?.ContentDisposition,
    ContentEncoding: meta?.ContentEncoding,
    ContentLanguage: meta?.ContentLanguage,
    ContentType: meta?.ContentType,
    Expires: meta?.HttpExpiresDate,
    Metadata: meta?.UserMetadata,
  };
}

const headers = { READ: 'GrantRead', READ_ACP: 'GrantReadACP', WRITE_ACP: 'GrantWriteACP', FULL_CONTROL: 'GrantFullControl' } as const;

function grantsOf(grants: readonly S3Grant[]): Partial<Record<(typeof headers)[keyof typeof headers], string>> {
  const given: Partial<Record<(typeof headers)[keyof typeof headers], string>> = {};
  for (const { Grantee: grantee, Permission: permission } of grants) {
    const header = headers[permission as keyof typeof headers];
    const one = `${grantee!.TypeIdentifier}="${grantee!.Identifier}"`;
    given[header] = given[header] === undefined ? one : `${given[header]}, ${one}`;
  }
  return given;
}

/**
 * Whether a copy that was begun before a crash has been made: the target has the source's bytes, and is no older than the beginning of the task. A
 * second copy would be a second version, and a second event.
 */
export async function isCopied(aws: Aws, copy: S3CopyObjectOperation, task: JobTask): Promise<boolean> {
  try {
    const target = await aws.s3('HeadObject', targetOf(copy, task));
    if (target.LastModified!.getTime() < Math.floor(task.begun! / 1000) * 1000) return false;
    const source = await aws.s3('HeadObject', {
      Bucket: task.bucket,
      Key: task.key,
      ...(task.version !== undefined && { VersionId: task.version }),
    });
    return target.ETag === source.ETag && target.ContentLength === source.ContentLength;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}
