/**
 * What is asked of an access point besides what is asked of the bucket: both must allow:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
 */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import {
  accessPointArn,
  accessPointContext,
  accessPointObjectArn,
  accessPointTagContext,
} from '../../../framework/s3-access/access-points.ts';
import { together, type PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import { restricted } from '../bucket-policies/policy.ts';
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
  const { point, policy } = through;
  const arn = accessPointArn(point);
  const context = { ...check.context, ...accessPointContext(point) };
  // Whoever is inside a VPC is not the public.
  const document = point.vpc === undefined ? restricted(policy, block, point.account, request.principal) : policy;
  return {
    ...check,
    context,
    through: {
      action: check.action,
      resource: key === undefined ? arn : accessPointObjectArn(point, key),
      resourceAccount: point.account,
      ...(document && { resourcePolicy: { name: arn, document } }),
      context: { ...context, 's3:ResourceAccount': point.account, ...accessPointTagContext(point) },
    },
  };
}
