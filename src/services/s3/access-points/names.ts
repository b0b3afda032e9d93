/** How a call names an access point in the place of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import { aliasSuffix } from '../../../framework/s3-access/access-points.ts';
import { invalidBucketName } from '../errors.ts';

/** By its place, or by its alias. */
export type PointName = { account: string; region: string; name: string } | { alias: string };

/** An access point's name, given as ARN or alias; undefined for what can only be a bucket's. Throws for ARNs of what S3 serves elsewhere. */
export function pointNameOf(bucket: string, region: string): PointName | undefined {
  if (bucket.startsWith('arn:')) return ofArn(bucket, region);
  return bucket.endsWith(aliasSuffix) ? { alias: bucket } : undefined;
}

/** Access points' hosts under an endpoint of one's own look like buckets': `NAME-ACCOUNT.localhost`. */
export function pointNameOfHost(label: string, region: string): PointName | undefined {
  const [, name, account] = /^([a-z0-9-]+)-(\d{12})$/.exec(label) ?? [];
  return name && account ? { account, region, name } : undefined;
}

function ofArn(text: string, region: string): PointName {
  const arn = parseArn(text);
  if (!arn) throw invalidBucketName(text);
  if (arn.service === 's3-object-lambda') throw notImplemented('s3 through Object Lambda access points');
  if (arn.service === 's3-outposts') throw notImplemented('s3 through access points on Outposts');
  const [, name] = /^accesspoint[/:]([^/:]+)$/.exec(arn.resource) ?? [];
  if (arn.service !== 's3' || name === undefined) throw invalidBucketName(text);
  if (name.endsWith('.mrap')) throw notImplemented('s3 through Multi-Region Access Points');
  return { account: arn.account, region: arn.region || region, name };
}
