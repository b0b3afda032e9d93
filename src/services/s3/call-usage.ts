/** Calls of S3 are billed to the owner of the bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/aws-usage-report.html */

import type { Check } from '../../framework/authorization.ts';

const bucketOf = /^arn:aws[\w-]*:s3:::[^/*]+/;

export function callUsage({ resource, resourceAccount }: Check): { account?: string; resource?: string } {
  const bucket = bucketOf.exec(resource)?.[0];
  if (bucket === undefined) return {};
  return { resource: bucket, ...(resourceAccount !== undefined && { account: resourceAccount }) };
}
