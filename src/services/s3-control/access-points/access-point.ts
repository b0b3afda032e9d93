/** Access points: their names, their ARNs, and what the API shows of them. */

import type { Random } from '../../../framework/random.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPointArn, accessPoints, aliasSuffix, networkOrigin, type AccessPoint } from '../../../framework/s3-access/access-points.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidRequest, invalidUri, noSuchAccessPoint } from '../errors.ts';
import { accessPointNameLengthMax, accessPointNameLengthMin } from '../limits.ts';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** An alias is a DNS label: 63 characters with what stands before and after these. */
const aliasRandomLength = 34;
const aliasNameLengthMax = 20;

/** Throws for a name that no access point may have: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html */
export function checkName(name: string): void {
  if (name.length < accessPointNameLengthMin || name.length > accessPointNameLengthMax || !/^[a-z0-9.-]*$/.test(name))
    throw invalidUri(name);
  if (name.includes('.') || name.startsWith('-') || name.endsWith('-') || name.endsWith(aliasSuffix))
    throw invalidRequest('Your Amazon S3 AccessPoint name is invalid');
}

/** A new alias: nobody can guess it, and no bucket may be called so. */
export function newAlias(name: string, random: Random): string {
  return `${name.slice(0, aliasNameLengthMax).replace(/-+$/, '')}-${random.text(aliasRandomLength, alphabet)}${aliasSuffix}`;
}

/** The caller's access point of that name in the request's region. Throws NoSuchAccessPoint. */
export async function requirePoint(tx: ReadTransaction, request: ServiceRequest, name: string): Promise<AccessPoint> {
  const point = await accessPoints.get(tx, request.account, request.region, name);
  if (!point) throw noSuchAccessPoint(name);
  return point;
}

/** An access point in a list. */
export function listed(point: AccessPoint) {
  return {
    Name: point.name,
    NetworkOrigin: networkOrigin(point),
    ...(point.vpc !== undefined && { VpcConfiguration: { VpcId: point.vpc } }),
    Bucket: point.bucket,
    AccessPointArn: accessPointArn(point),
    Alias: point.alias,
    BucketAccountId: point.bucketAccount,
  };
}

/** The names under which AWS serves access points of a region. */
export function endpointsOf(region: string): Record<string, string> {
  return {
    ipv4: `s3-accesspoint.${region}.amazonaws.com`,
    fips: `s3-accesspoint-fips.${region}.amazonaws.com`,
    fips_dualstack: `s3-accesspoint-fips.dualstack.${region}.amazonaws.com`,
    dualstack: `s3-accesspoint.dualstack.${region}.amazonaws.com`,
  };
}
