/** What S3 Control has to know, and to change, of buckets: asked of S3 as one part of S3 asks another. */

import { AwsError } from '../../framework/aws-error.ts';
import type { Aws } from '../../framework/clients.ts';
import type { ServicePrincipal } from '../../framework/principal.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** S3 lets this service do with an account's buckets what it was asked for by that account, whatever their policies say. */
const NAME = 's3-control.amazonaws.com';

/** S3, as S3 Control uses it for an account: without a trace, since the customer's own call leaves one. */
export function s3For(request: ServiceRequest, account: string): Aws {
  const principal: ServicePrincipal = { type: 'Service', account, arn: '', id: NAME, name: NAME };
  return request.awsAs(principal, { account, quiet: true });
}

/** The region of an account's bucket; `foreign` where it is another account's. */
export async function headBucket(
  request: ServiceRequest,
  bucket: string,
  account: string,
): Promise<{ region: string } | 'absent' | 'foreign'> {
  try {
    const { BucketRegion } = await s3For(request, account).s3('HeadBucket', { Bucket: bucket, ExpectedBucketOwner: account });
    return { region: BucketRegion! };
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 500) >= 500) throw error;
    return error.code === 'AccessDenied' ? 'foreign' : 'absent';
  }
}
