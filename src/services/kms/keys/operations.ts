/** Keys: describe, list, enable, disable, and their deletion after a wait. */

import { constraint, invalidState } from '../errors.ts';
import { dayMilliseconds, deletionDaysMax, deletionDaysMin } from '../limits.ts';
import { page } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { keys, type Key } from '../tables.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkedDescription } from './create.ts';
import { keyArn, metadataOf, requireKept } from './key.ts';
import { lookUp, requireKey } from './lookup.ts';

export const DescribeKey: Operation<'DescribeKey'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  return { KeyMetadata: metadataOf(key) };
};

export const ListKeys: Operation<'ListKeys'> = async (request, input) => {
  const { account, region } = request;
  const { rows, next } = await page<Key>(request, input, (tx, at) => keys.scan(tx, [account, region], at));
  return { Keys: rows.map((key) => ({ KeyId: key.id, KeyArn: keyArn(key) })), ...next };
};

export const EnableKey: Operation<'EnableKey'> = (request, input) =>
  change(request, input.KeyId, (key) => (requireKept(key), { ...key, state: 'Enabled' }));

export const DisableKey: Operation<'DisableKey'> = (request, input) =>
  change(request, input.KeyId, (key) => (requireKept(key), { ...key, state: 'Disabled' }));

export const UpdateKeyDescription: Operation<'UpdateKeyDescription'> = (request, input) => {
  const description = checkedDescription(input.Description);
  return change(request, input.KeyId, (key) => (requireKept(key), { ...key, description }));
};

async function change(request: ServiceRequest, keyId: string, next: (key: Key) => Key): Promise<object> {
  const { key } = await lookUp(request, keyId);
  await request.store.write(async (tx) => keys.put(tx, next(await requireKey(tx, key))));
  return {};
}

export const ScheduleKeyDeletion: Operation<'ScheduleKeyDeletion'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const days = input.PendingWindowInDays ?? deletionDaysMax;
  if (!Number.isInteger(days) || days < deletionDaysMin)
    throw constraint('pendingWindowInDays', days, `have value greater than or equal to ${deletionDaysMin}`);
  if (days > deletionDaysMax) throw constraint('pendingWindowInDays', days, `have value less than or equal to ${deletionDaysMax}`);
  const deletion = request.now + days * dayMilliseconds;
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireKept(present);
    await keys.put(tx, { ...present, state: 'PendingDeletion', deletion });
  });
  return { KeyId: keyArn(key), DeletionDate: new Date(deletion), KeyState: 'PendingDeletion', PendingWindowInDays: days };
};

/** The key comes back disabled. */
export const CancelKeyDeletion: Operation<'CancelKeyDeletion'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  await request.store.write(async (tx) => {
    const { deletion: _deletion, ...present } = await requireKey(tx, key);
    if (present.state !== 'PendingDeletion') throw invalidState(`${keyArn(key)} is not pending deletion.`);
    await keys.put(tx, { ...present, state: 'Disabled' });
  });
  return { KeyId: keyArn(key) };
};
