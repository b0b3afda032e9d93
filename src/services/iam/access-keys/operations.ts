/** Access keys of users and of the root user. */

import { accessKeyId, accountOfAccessKey } from '../../../framework/access-key-id.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { invalidInput, noAccessKey, quotaExceeded } from '../errors.ts';
import { flushUses } from '../last-accessed/uses.ts';
import { limits } from '../limits.ts';
import { tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { sealSecret } from '../secrets.ts';
import { accessKeys, keyUses, type AccessKey } from '../tables.ts';
import { requireCredentialOwner, userById } from '../users/user.ts';

const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export const CreateAccessKey: Operation<'CreateAccessKey'> = async (request, input) => {
  const id = accessKeyId('AKIA', request.account, request.random);
  const secret = request.random.text(40, secretAlphabet);
  const sealedSecret = await sealSecret(request.store, request.random, id, secret);
  const owner = await commit(request, async (tx) => {
    const owner = await requireCredentialOwner(tx, request, input.UserName);
    const others = await accessKeys.scan(tx, [request.account, owner.id]);
    if (others.length >= limits.accessKeysPerUser) throw quotaExceeded('AccessKeysPerUser', limits.accessKeysPerUser);
    await accessKeys.put(tx, { account: request.account, userId: owner.id, id, sealedSecret, status: 'Active', createdAt: request.now });
    return owner;
  });
  return {
    AccessKey: { UserName: owner.name, AccessKeyId: id, Status: 'Active', SecretAccessKey: secret, CreateDate: dateOf(request.now) },
  };
};

/** Throws NoSuchEntity, also for a key of another user. */
async function requireKey(tx: ReadTransaction, request: ServiceRequest, userName: string | undefined, id: string): Promise<AccessKey> {
  const owner = await requireCredentialOwner(tx, request, userName);
  const key = await accessKeys.get(tx, request.account, owner.id, id);
  if (!key) throw noAccessKey(id);
  return key;
}

export const UpdateAccessKey: Operation<'UpdateAccessKey'> = async (request, input) => {
  const status = input.Status;
  if (status === 'Expired') throw invalidInput('The status of an access key can be set to Active or Inactive.');
  await commit(request, async (tx) => {
    const key = await requireKey(tx, request, input.UserName, input.AccessKeyId);
    await accessKeys.put(tx, { ...key, status });
  });
  return {};
};

export const DeleteAccessKey: Operation<'DeleteAccessKey'> = async (request, input) => {
  await commit(request, async (tx) => {
    const key = await requireKey(tx, request, input.UserName, input.AccessKeyId);
    await accessKeys.delete(tx, key.account, key.userId, key.id);
    await keyUses.delete(tx, key.account, key.id);
  });
  return {};
};

export const ListAccessKeys: Operation<'ListAccessKeys'> = async (request, input) => {
  const { owner, rows, ...more } = await request.store.read(async (tx) => {
    const owner = await requireCredentialOwner(tx, request, input.UserName);
    return { owner, ...(await tablePage(tx, accessKeys, [request.account, owner.id], input)) };
  });
  const AccessKeyMetadata = rows.map((key) => ({
    UserName: owner.name,
    AccessKeyId: key.id,
    Status: key.status,
    CreateDate: dateOf(key.createdAt),
  }));
  return { AccessKeyMetadata, ...more };
};

export const GetAccessKeyLastUsed: Operation<'GetAccessKeyLastUsed'> = async (request, input) => {
  await flushUses(request.store);
  return request.store.read(async (tx) => {
    const key = (await accessKeys.scanIndex(tx, 'byKeyId', [input.AccessKeyId], { limit: 1 }))[0]?.row;
    if (!key || key.account !== request.account || accountOfAccessKey(input.AccessKeyId) === undefined)
      throw noAccessKey(input.AccessKeyId);
    const user = key.userId === key.account ? undefined : await userById(tx, key.account, key.userId);
    const use = await keyUses.get(tx, key.account, key.id);
    const AccessKeyLastUsed = use
      ? { LastUsedDate: dateOf(use.at), ServiceName: use.service, Region: use.region }
      : { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' };
    return { UserName: user?.name, AccessKeyLastUsed };
  });
};
