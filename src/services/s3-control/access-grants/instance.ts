/** The instance of S3 Access Grants that an account has in a region: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-instance.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { grantsInstanceAlreadyExists, grantsInstanceNotEmpty, noGrantsInstance } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { checkedTags } from '../tags/tags.ts';
import { headBucket } from '../buckets.ts';
import { instanceArn, instanceId } from './arns.ts';
import { bucketOf, checkScope } from './scope.ts';
import { grantsInstances, grantsLocations, grantsPolicies, type GrantsInstance, type Place } from './tables.ts';

export const CreateAccessGrantsInstance: Operation<'CreateAccessGrantsInstance'> = async (request, input) => {
  if (input.IdentityCenterArn !== undefined) throw notImplemented('s3-control:CreateAccessGrantsInstance with IdentityCenterArn');
  const tags = checkedTags(input.Tags ?? []);
  const { account, region, now: created } = request;
  const instance: GrantsInstance = { account, region, created, grants: 0, ...(tags.length > 0 && { tags }) };
  await request.store.write(async (tx) => {
    if (await grantsInstances.get(tx, account, region)) throw grantsInstanceAlreadyExists();
    await grantsInstances.put(tx, instance);
  });
  return shown(instance);
};

export const GetAccessGrantsInstance: Operation<'GetAccessGrantsInstance'> = async (request) =>
  shown(await request.store.read((tx) => requireInstance(tx, request)));

export const ListAccessGrantsInstances: Operation<'ListAccessGrantsInstances'> = async (request) => {
  const instance = await request.store.read((tx) => grantsInstances.get(tx, request.account, request.region));
  return { AccessGrantsInstancesList: instance ? [shown(instance)] : [] };
};

/** The instance of the bucket's account, which may be another one's. */
export const GetAccessGrantsInstanceForPrefix: Operation<'GetAccessGrantsInstanceForPrefix'> = async (request, input) => {
  checkScope(input.S3Prefix);
  const instance = await instanceForPrefix(request, input.S3Prefix);
  if (!instance) throw noGrantsInstance();
  const { CreatedAt: _created, ...named } = shown(instance);
  return named;
};

/** That of the bucket's account in its region; undefined where that has none, or there is no such bucket. */
export async function instanceForPrefix(request: ServiceRequest, prefix: string): Promise<GrantsInstance | undefined> {
  const { account, region } = request;
  const all = await request.store.read(async (tx) => (await grantsInstances.scan(tx, [])).map(({ row }) => row));
  const here = all.filter((each) => each.region === region).sort((a, b) => Number(b.account === account) - Number(a.account === account));
  for (const instance of here) {
    const found = await headBucket(request, bucketOf(prefix), instance.account);
    if (found !== 'foreign') return found !== 'absent' && found.region === region ? instance : undefined;
  }
  return undefined;
}

export const DeleteAccessGrantsInstance: Operation<'DeleteAccessGrantsInstance'> = async (request) => {
  const { account, region } = request;
  await request.store.write(async (tx) => {
    await requireInstance(tx, request);
    // Without locations there are no grants.
    if ((await grantsLocations.scan(tx, [account, region], { limit: 1 })).length > 0) throw grantsInstanceNotEmpty();
    await grantsInstances.delete(tx, account, region);
    await grantsPolicies.delete(tx, account, region);
  });
  return {};
};

/** Throws AccessGrantsInstanceNotExistsError. */
export async function requireInstance(tx: ReadTransaction, { account, region }: Place): Promise<GrantsInstance> {
  const instance = await grantsInstances.get(tx, account, region);
  if (!instance) throw noGrantsInstance();
  return instance;
}

function shown(instance: GrantsInstance) {
  return {
    AccessGrantsInstanceId: instanceId,
    AccessGrantsInstanceArn: instanceArn(instance),
    CreatedAt: new Date(instance.created),
  };
}
