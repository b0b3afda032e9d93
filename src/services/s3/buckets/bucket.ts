/** What a bucket is: its names, its owner, its region. */

import { canonicalUserId } from '../../../framework/policy/principals.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { illegalLocationConstraint, invalidLocationConstraint, permanentRedirect, wrongSigningRegion } from '../errors.ts';
import type { Bucket } from '../tables.ts';

/** Who writes access logs. */
export const logWriterName = 'logging.s3.amazonaws.com';

/** S3 as the one who acts: it takes on roles, and tells destinations. */
export const serviceName = 's3.amazonaws.com';

/** Who writes inventory reports. */
export const inventoryName = serviceName;

const regionName = /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/;

/** The name of the bucket that an ARN names; undefined for what is no ARN of one. */
export function bucketOfArn(arn: string): string | undefined {
  return /^arn:aws[a-z-]*:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/.exec(arn)?.[1];
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** The owner as S3 writes it. AWS left out display names in November 2025. */
export function ownerOf(account: string): { ID: string } {
  return { ID: canonicalId(account) };
}

/** Whose the objects are that nobody in particular has written. */
const anonymousId = '65a011a29cdf8ec533ec3d1ccaae921c';

const canonicalIds = new Map<string, string>();
const canonicalIdsMax = 10_000;

function canonicalId(account: string): string {
  if (account === 'anonymous') return anonymousId;
  let id = canonicalIds.get(account);
  if (id === undefined) {
    if (canonicalIds.size >= canonicalIdsMax) canonicalIds.clear();
    canonicalIds.set(account, (id = canonicalUserId(account)));
  }
  return id;
}

/**
 * The region of a new bucket. Only us-east-1's endpoint creates buckets elsewhere, and only it does so without a constraint:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export function regionOfNewBucket(endpointRegion: string, constraint: string | undefined): string {
  if (!constraint) {
    if (endpointRegion !== 'us-east-1') throw illegalLocationConstraint('unspecified');
    return endpointRegion;
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (endpointRegion !== 'us-east-1' && endpointRegion !== region) throw illegalLocationConstraint(constraint);
  if (!regionName.test(region) || region === 'us-east-1') throw invalidLocationConstraint(constraint);
  return region;
}

/** Throws what AWS answers to a request that was signed for, or sent to, another region than the bucket's. */
export function checkRegion(request: ServiceRequest, bucket: Bucket): void {
  if (request.region === bucket.region || request.internal || request.principal.type === 'Anonymous') return;
  if (request.operation === 'GetBucketLocation' || isSignatureV2(request)) return;
  if (request.operation === 'HeadBucket' || hostNamesRegion(request)) throw permanentRedirect(bucket.name, bucket.region);
  throw wrongSigningRegion(request.region, bucket.region);
}

/** Signature version 2 knows no region. */
function isSignatureV2(request: ServiceRequest): boolean {
  const http = request.http;
  return http !== undefined && (http.rawQuery.includes('AWSAccessKeyId=') || (http.headers['authorization']?.startsWith('AWS ') ?? false));
}

function hostNamesRegion(request: ServiceRequest): boolean {
  return request.endpoint.host.includes(`s3.${request.region}.`) || request.endpoint.host.includes(`s3-${request.region}.`);
}
