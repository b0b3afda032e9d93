/** Locations of S3 Access Grants, and the roles that carry them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-location.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { headBucket } from '../buckets.ts';
import {
  grantsLocationAlreadyExists,
  grantsLocationNotEmpty,
  grantsLocationQuotaExceeded,
  invalidIamRole,
  invalidRequest,
  noSuchBucket,
  noSuchGrantsLocation,
} from '../errors.ts';
import { grantsLocationsMax, listedMax } from '../limits.ts';
import { cursorOf, pageSize, tokenOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { checkedTags } from '../tags/tags.ts';
import { locationArn, placeOf } from './arns.ts';
import { assumeLocationRole } from './credentials.ts';
import { requireInstance } from './instance.ts';
import { bucketOf, checkScope, defaultScope } from './scope.ts';
import { accessGrants, grantsLocations, type GrantsLocation, type Place } from './tables.ts';

export const CreateAccessGrantsLocation: Operation<'CreateAccessGrantsLocation'> = async (request, input) => {
  const { LocationScope: scope, IAMRoleArn: roleArn } = input;
  const { account, region, now: created } = request;
  const tags = checkedTags(input.Tags ?? []);
  await request.store.read((tx) => requireInstance(tx, request));
  if (scope !== defaultScope) await requireBucket(request, scope);
  await requireRole(request, roleArn);
  const id = scope === defaultScope ? 'default' : request.random.uuid();
  const location: GrantsLocation = { account, region, id, scope, roleArn, created, ...(tags.length > 0 && { tags }) };
  await request.store.write(async (tx) => {
    await requireInstance(tx, request);
    const present = await grantsLocations.scan(tx, [account, region]);
    if (present.some(({ row }) => row.scope === scope)) throw grantsLocationAlreadyExists();
    if (present.length >= grantsLocationsMax) throw grantsLocationQuotaExceeded(grantsLocationsMax);
    await grantsLocations.put(tx, location);
  });
  return shown(location);
};

async function requireBucket(request: ServiceRequest, scope: string): Promise<void> {
  checkScope(scope);
  const found = await headBucket(request, bucketOf(scope), request.account);
  if (found === 'absent' || found === 'foreign') throw noSuchBucket(bucketOf(scope));
  if (found.region !== request.region)
    throw invalidRequest('The bucket of a location must be in the region of the access grants instance.');
}

/** A role that does not trust S3 Access Grants carries nothing. Throws InvalidIamRole. */
async function requireRole(request: ServiceRequest, roleArn: string): Promise<void> {
  const form = /^arn:[^:]+:iam::\d{12}:role\/./;
  if (!form.test(roleArn) || !(await assumeLocationRole(request, request, { roleArn }))) throw invalidIamRole();
}

export const GetAccessGrantsLocation: Operation<'GetAccessGrantsLocation'> = async (request, input) =>
  shown(await request.store.read((tx) => requireLocation(tx, request, input.AccessGrantsLocationId)));

export const UpdateAccessGrantsLocation: Operation<'UpdateAccessGrantsLocation'> = async (request, input) => {
  await request.store.read((tx) => requireLocation(tx, request, input.AccessGrantsLocationId));
  await requireRole(request, input.IAMRoleArn);
  const location = await request.store.write(async (tx) => {
    const next = { ...(await requireLocation(tx, request, input.AccessGrantsLocationId)), roleArn: input.IAMRoleArn };
    await grantsLocations.put(tx, next);
    return next;
  });
  return shown(location);
};

export const ListAccessGrantsLocations: Operation<'ListAccessGrantsLocations'> = async (request, input) => {
  const place = placeOf(request, input);
  const { account, region } = place;
  const limit = pageSize(input.MaxResults, listedMax);
  const after = input.NextToken === undefined ? undefined : cursorOf(input.NextToken);
  const rows = await request.store.read(async (tx) => {
    await requireInstance(tx, place);
    const all = await grantsLocations.scan(tx, [account, region], after && { after });
    return all.filter(({ row }) => input.LocationScope === undefined || row.scope === input.LocationScope);
  });
  const page = rows.slice(0, limit);
  return {
    AccessGrantsLocationsList: page.map(({ row }) => shown(row)),
    ...(rows.length > limit && { NextToken: tokenOf(page.at(-1)!.cursor) }),
  };
};

export const DeleteAccessGrantsLocation: Operation<'DeleteAccessGrantsLocation'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, id } = await requireLocation(tx, request, input.AccessGrantsLocationId);
    if ((await accessGrants.scanIndex(tx, 'location', [account, region, id], { limit: 1 })).length > 0) throw grantsLocationNotEmpty();
    await grantsLocations.delete(tx, account, region, id);
  });
  return {};
};

/** Throws AccessGrantsInstanceNotExistsError and NoSuchAccessGrantsLocationError. */
export async function requireLocation(tx: ReadTransaction, place: Place, id: string): Promise<GrantsLocation> {
  await requireInstance(tx, place);
  const location = await grantsLocations.get(tx, place.account, place.region, id);
  if (!location) throw noSuchGrantsLocation();
  return location;
}

function shown(location: GrantsLocation) {
  return {
    CreatedAt: new Date(location.created),
    AccessGrantsLocationId: location.id,
    AccessGrantsLocationArn: locationArn(location),
    LocationScope: location.scope,
    IAMRoleArn: location.roleArn,
  };
}
