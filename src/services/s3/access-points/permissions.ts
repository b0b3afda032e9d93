/**
 * What is asked of an access point besides what is asked of the bucket: both must allow:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
 */

import type { Check } from '../../../framework/authorization.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPointArn, accessPointContext, accessPointObjectArn } from '../../../framework/s3-access/access-points.ts';
import { denialsOf, isPublicPolicy } from '../../../framework/s3-access/policy.ts';
import { together, type PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import { resourceTagContext } from '../../../framework/tags.ts';
import type { Through } from './through.ts';

/** What an access point and its account block of public access. */
export function pointBlock({ point, wideBlock }: Through): PublicAccessBlock {
  return together(point.publicAccessBlock, wideBlock)!;
}

/** The check of a bucket or an object, with the one of the access point before it. */
export function throughPoint(
  request: Pick<ServiceRequest, 'principal'>,
  through: Through,
  check: Check,
  { key, block }: { key: string | undefined; block: PublicAccessBlock | undefined },
): Check {
  const { point } = through;
  const arn = accessPointArn(point);
  const context = { ...check.context, ...accessPointContext(point) };
  const document = policyFor(request, through, block);
  return {
    ...check,
    context,
    through: {
      action: check.action,
      resource: key === undefined ? arn : accessPointObjectArn(point, key),
      resourceAccount: point.account,
      ...(document && { resourcePolicy: { name: arn, document } }),
      context: { ...context, 's3:ResourceAccount': point.account, ...tagContext(through) },
    },
  };
}

function tagContext({ point: { tags = [] } }: Through): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(resourceTagContext(tags) as Record<string, string>),
    ...tags.map(({ Key, Value }) => [`s3:AccessPointTag/${Key}`, Value] as const),
  ]);
}

/** RestrictPublicBuckets leaves a public policy to the point's own account and to AWS services; inside a VPC none is public. */
function policyFor(
  request: Pick<ServiceRequest, 'principal'>,
  { point, policy }: Through,
  block: PublicAccessBlock | undefined,
): PolicyDocument | undefined {
  if (!policy || point.vpc !== undefined || !block?.restrictPublicBuckets || !isPublicPolicy(policy)) return policy;
  const { principal } = request;
  return principal.type === 'Service' || principal.account === point.account ? policy : denialsOf(policy);
}
