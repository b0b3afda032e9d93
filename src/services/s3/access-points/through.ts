/** Calls that come through an access point: the bucket is put in its place, and the point is remembered for those who decide. */

import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPointPolicies, accessPoints, type AccessPoint } from '../../../framework/s3-access/access-points.ts';
import { accountPublicAccessBlocks, type PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { cachedPolicy, rememberPolicy } from '../bucket-policies/policy.ts';
import { accessDenied, accessPointRegion, invalidAlias, methodNotAllowed, noSuchAccessPoint } from '../errors.ts';
import { buckets } from '../tables.ts';
import { pointNameOf, pointNameOfHost, type PointName } from './names.ts';
import { supported } from './operations.ts';

/** The access point of a call, with what guards it. */
export type Through = {
  point: AccessPoint;
  policy: PolicyDocument | undefined;
  /** What its account blocks of public access. */
  wideBlock: PublicAccessBlock | undefined;
  byAlias: boolean;
};

const throughs = new WeakMap<ServiceRequest, Through>();

/** The access point through which the call comes, if it leads to this bucket. */
export function throughTo(request: ServiceRequest, bucket: string): Through | undefined {
  const through = throughs.get(request);
  return through?.point.bucket === bucket ? through : undefined;
}

/**
 * The input with the bucket behind the access point that it names. Throws NoSuchAccessPoint, MethodNotAllowed for what is not to be had through
 * access points, and AccessDenied for calls from outside of its VPC.
 */
export function resolveInput(request: ServiceRequest, input: { Bucket?: string }): object | Promise<object> {
  const { Bucket: named } = input;
  // CreateBucket names what is not there yet.
  if (named === undefined || request.operation === 'CreateBucket') return input;
  const name = pointNameOf(named, request.region);
  if (name) return resolved(request, input, name);
  const inHost = request.http?.s3?.inHost ? pointNameOfHost(named, request.region) : undefined;
  return inHost ? eitherOf(request, input, named, inHost) : input;
}

async function resolved(request: ServiceRequest, input: object, name: PointName): Promise<object> {
  const through = await findThrough(request, name);
  if (!supported.has(request.operation)) throw methodNotAllowed(request.http?.method ?? 'POST', 'ACCESSPOINT');
  throughs.set(request, through);
  return { ...input, Bucket: through.point.bucket };
}

/** A bucket of that very account goes before its access point; nobody else's bucket can stand in the point's way. */
async function eitherOf(request: ServiceRequest, input: object, bucket: string, name: PointName & { account?: string }): Promise<object> {
  const isPoint = await request.store.read(async (tx) => {
    const present = await buckets.peek(tx, bucket);
    return present?.account !== name.account && (await find(tx, name)) !== undefined;
  });
  return isPoint ? resolved(request, input, name) : input;
}

/** An access point with all that decides about it. Throws what AWS answers where there is none, or where it is not to be reached from. */
export async function findThrough(request: ServiceRequest, name: PointName): Promise<Through> {
  const found = await request.store.read(async (tx) => {
    const point = await find(tx, name);
    if (!point) return undefined;
    const known = point.policy === undefined ? undefined : cachedPolicy(point.policy);
    const stored =
      known || point.policy === undefined ? undefined : await accessPointPolicies.get(tx, point.account, point.region, point.name);
    return { point, known, stored, wideBlock: await accountPublicAccessBlocks.get(tx, point.account) };
  });
  if (!found) throw 'alias' in name ? invalidAlias(name.alias) : noSuchAccessPoint(name.name);
  const { point, known, stored, wideBlock } = found;
  if (point.region !== request.region && request.http) throw accessPointRegion(request.region, point.region);
  if (point.vpc !== undefined && request.http?.network?.vpc !== point.vpc) throw accessDenied();
  const policy = known ?? (stored && rememberPolicy(stored));
  // A policy may deny: without it nothing may be decided.
  if (point.policy !== undefined && !policy) throw new Error(`the policy of access point ${point.name} is missing`);
  return { point, policy, wideBlock, byAlias: 'alias' in name };
}

async function find(tx: ReadTransaction, name: PointName): Promise<AccessPoint | undefined> {
  if ('alias' in name) return (await accessPoints.scanIndex(tx, 'alias', [name.alias], { limit: 1 }))[0]?.row;
  return accessPoints.get(tx, name.account, name.region, name.name);
}
