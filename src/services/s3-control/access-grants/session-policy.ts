/** What credentials of a grant may do, besides what the location's role may: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location-register.html. Pure. */

import { bucketOf, keysOf } from './scope.ts';
import type { Permission } from './tables.ts';

const reading = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectAcl', 's3:GetObjectVersionAcl', 's3:ListMultipartUploadParts'];
const writing = [
  's3:PutObject',
  's3:PutObjectAcl',
  's3:PutObjectVersionAcl',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:AbortMultipartUpload',
];
const listing = ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'];

export function sessionPolicy(scope: string, isObject: boolean, permission: Permission): string {
  const bucket = `arn:aws:s3:::${bucketOf(scope)}`;
  const keys = literal(keysOf(scope));
  const rest = isObject ? '' : '*';
  const actions = [...(permission === 'WRITE' ? [] : reading), ...(permission === 'READ' ? [] : writing)];
  const Statement: object[] = [{ Effect: 'Allow', Action: actions, Resource: `${bucket}/${keys}${rest}` }];
  if (permission !== 'WRITE')
    Statement.push({ Effect: 'Allow', Action: listing, Resource: bucket, Condition: { StringLike: { 's3:prefix': `${keys}${rest}` } } });
  // How objects are encrypted is for the location's role to say; its keys are for what S3 keeps, and nothing besides.
  const Condition = { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } };
  Statement.push({ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: '*', Condition });
  return JSON.stringify({ Version: '2012-10-17', Statement });
}

/** Keys may hold characters that mean something in a policy. */
function literal(text: string): string {
  return text.replace(/[*?$]/g, (character) => `\${${character}}`);
}
