/** Bucket policies: what S3 accepts of a bucket, and the parsed ones that were used of late. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { Principal } from '../../../framework/principal.ts';
import { checkedPolicy, denialsOf, isPublicPolicy, parseStored, resourceKind } from '../../../framework/s3-access/policy.ts';
import type { PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import { bucketArn } from '../buckets/bucket.ts';

/** By revision, which the record of the bucket or access point names: so a policy that another process replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

export function cachedPolicy(revision: string): PolicyDocument | undefined {
  return parsed.get(revision);
}

export function rememberPolicy(policy: { revision: string; text: string }): PolicyDocument {
  const document = parseStored(policy.text);
  keepNewest(parsed, parsedMax, policy.revision, document);
  return document;
}

/** RestrictPublicBuckets leaves the public policy of what lies in an account to that account and to AWS services. */
export function restricted(
  policy: PolicyDocument | undefined,
  block: PublicAccessBlock | undefined,
  account: string,
  principal: Principal,
): PolicyDocument | undefined {
  if (!policy || !block?.restrictPublicBuckets || !isPublicPolicy(policy)) return policy;
  return principal.type === 'Service' || principal.account === account ? policy : denialsOf(policy);
}

/** Parses a policy for a bucket. Throws MalformedPolicy. */
export function checkedBucketPolicy(bucket: string, text: string): PolicyDocument {
  const own = bucketArn(bucket);
  return checkedPolicy(text, (resource) => resourceKind(own, `${own}/`, resource));
}
