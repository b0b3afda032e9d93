/** One task of a job: one call of S3, made as the job's role: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-operations.html */

import type { JobOperation } from '@aws-sdk/client-s3-control';
import { AwsError } from '../../../../framework/aws-error.ts';
import type { Aws } from '../../../../framework/clients.ts';
import type { JobTask } from '../../tables.ts';
import { copyInput, isCopied } from './copy.ts';

export type TaskResult = NonNullable<JobTask['result']>;

export const succeeded: TaskResult = { status: 'succeeded', httpStatus: 200, code: '', message: 'Successful' };
const messageLengthMax = 300;

/**
 * Does a task and tells what came of it. Rejects only with what is not S3's answer.
 * @param again the task was begun by a process that has ended without telling its result
 */
export async function execute(aws: Aws, operation: JobOperation, task: JobTask, again: boolean): Promise<TaskResult> {
  try {
    if (again && operation.S3PutObjectCopy && (await isCopied(aws, operation.S3PutObjectCopy, task))) return succeeded;
    await call(aws, operation, task);
    return succeeded;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Begun before the crash, and going on.
    if (again && error.code === 'RestoreAlreadyInProgress') return succeeded;
    const { code, message, status = 400 } = error;
    return { status: 'failed', httpStatus: status, code, message: message.slice(0, messageLengthMax) };
  }
}

async function call(aws: Aws, operation: JobOperation, task: JobTask): Promise<unknown> {
  const { bucket: Bucket, key: Key, version } = task;
  const object = { Bucket, Key, ...(version !== undefined && { VersionId: version }) };
  if (operation.S3PutObjectCopy) return aws.s3('CopyObject', copyInput(operation.S3PutObjectCopy, task));
  if (operation.S3PutObjectTagging)
    return aws.s3('PutObjectTagging', { ...object, Tagging: { TagSet: operation.S3PutObjectTagging.TagSet ?? [] } as never });
  if (operation.S3DeleteObjectTagging) return aws.s3('DeleteObjectTagging', object);
  if (operation.S3PutObjectAcl) return aws.s3('PutObjectAcl', { ...object, ...aclInput(operation.S3PutObjectAcl) });
  if (operation.S3InitiateRestoreObject) {
    const { ExpirationInDays: Days, GlacierJobTier: tier } = operation.S3InitiateRestoreObject;
    const GlacierJobParameters = { Tier: tier === 'STANDARD' ? ('Standard' as const) : ('Bulk' as const) };
    return aws.s3('RestoreObject', { ...object, RestoreRequest: { Days: Days!, GlacierJobParameters } });
  }
  if (operation.S3PutObjectLegalHold)
    return aws.s3('PutObjectLegalHold', { ...object, LegalHold: { Status: operation.S3PutObjectLegalHold.LegalHold!.Status! } });
  if (operation.S3UpdateObjectEncryption)
    return aws.s3('UpdateObjectEncryption', { ...object, ObjectEncryption: operation.S3UpdateObjectEncryption.ObjectEncryption as never });
  const retention = operation.S3PutObjectRetention!;
  return aws.s3('PutObjectRetention', {
    ...object,
    Retention: retention.Retention as never,
    ...(retention.BypassGovernanceRetention && { BypassGovernanceRetention: true }),
  });
}

/** Batch's own names for S3's grants. */
function aclInput({ AccessControlPolicy: policy }: NonNullable<JobOperation['S3PutObjectAcl']>) {
  if (policy?.CannedAccessControlList) return { ACL: policy.CannedAccessControlList as 'private' };
  const { Owner, Grants = [] } = policy!.AccessControlList!;
  return {
    AccessControlPolicy: {
      Owner: { ID: Owner?.ID },
      Grants: Grants.map(({ Grantee: grantee, Permission }) => ({ Grantee: granteeOf(grantee), Permission })),
    },
  } as never as { ACL?: never };
}

function granteeOf(grantee: { TypeIdentifier?: string | undefined; Identifier?: string | undefined } | undefined) {
  if (grantee?.TypeIdentifier === 'uri') return { Type: 'Group', URI: grantee.Identifier };
  if (grantee?.TypeIdentifier === 'emailAddress') return { Type: 'AmazonCustomerByEmail', EmailAddress: grantee.Identifier };
  return { Type: 'CanonicalUser', ID: grantee?.Identifier };
}
