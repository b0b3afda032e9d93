/** Rotation: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html */

import { constraint, invalidState, limitExceeded, unsupported } from '../errors.ts';
import { useMaterial } from '../keys/keeper.ts';
import { keyArn, requireEnabled, requireKept } from '../keys/key.ts';
import { lookUp, requireKey } from '../keys/lookup.ts';
import { dayMilliseconds, onDemandRotationsMax, rotationDaysDefault, rotationDaysMax, rotationDaysMin } from '../limits.ts';
import { page } from '../pages.ts';
import type { Operation, Output } from '../sdk.ts';
import { keys, materials, type Key, type Material } from '../tables.ts';
import { newMaterial } from './material.ts';

export const EnableKeyRotation: Operation<'EnableKeyRotation'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requireRotatable(key);
  const given = input.RotationPeriodInDays;
  if (given !== undefined && (!Number.isInteger(given) || given < rotationDaysMin))
    throw constraint('rotationPeriodInDays', given, `have value greater than or equal to ${rotationDaysMin}`);
  if (given !== undefined && given > rotationDaysMax)
    throw constraint('rotationPeriodInDays', given, `have value less than or equal to ${rotationDaysMax}`);
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireEnabled(present);
    if (present.rotation && given === undefined) return;
    const days = given ?? rotationDaysDefault;
    await keys.put(tx, { ...present, rotation: { days, nextAt: request.now + days * dayMilliseconds } });
  });
  return {};
};

export const DisableKeyRotation: Operation<'DisableKeyRotation'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requireRotatable(key);
  await request.store.write(async (tx) => {
    const { rotation: _rotation, ...present } = await requireKey(tx, key);
    requireEnabled(present);
    await keys.put(tx, present);
  });
  return {};
};

export const GetKeyRotationStatus: Operation<'GetKeyRotationStatus'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requireKept(key);
  if (key.spec !== 'SYMMETRIC_DEFAULT') return { KeyRotationEnabled: false };
  return {
    KeyId: keyArn(key),
    KeyRotationEnabled: key.rotation !== undefined,
    ...(key.rotation && { RotationPeriodInDays: key.rotation.days, NextRotationDate: new Date(key.rotation.nextAt) }),
  };
};

export const RotateKeyOnDemand: Operation<'RotateKeyOnDemand'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requireEnabled(key);
  requireRotatable(key);
  const material = await newMaterial(request, key, { version: key.version + 1, created: request.now, rotation: 'ON_DEMAND' });
  await request.store.write(async (tx) => {
    const present = await requireKey(tx, key);
    requireEnabled(present);
    const rotations = (present.onDemandRotations ?? 0) + 1;
    if (rotations > onDemandRotationsMax)
      throw limitExceeded(
        `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${keyArn(key)}`,
      );
    if (present.version !== key.version) throw invalidState(`${keyArn(key)} is being rotated.`);
    await useMaterial(tx, { ...present, onDemandRotations: rotations }, material);
  });
  return { KeyId: keyArn(key) };
};

type Rotation = NonNullable<Output<'ListKeyRotations'>['Rotations']>[number];

export const ListKeyRotations: Operation<'ListKeyRotations'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  requireRotatable(key);
  const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
  const { rows, next } = await page<Material>(request, input, async (tx, at) => {
    const found = await materials.scan(tx, [key.id], { ...at, limit: at.limit! + 1 });
    return found.filter(({ row }) => all || row.rotation !== undefined).slice(0, at.limit!);
  });
  const told = (row: Material): Rotation => ({
    KeyId: keyArn(key),
    KeyMaterialId: row.id,
    KeyMaterialState: row.version === key.version ? 'CURRENT' : 'NON_CURRENT',
    ...(row.rotation && { RotationDate: new Date(row.created), RotationType: row.rotation }),
  });
  return { Rotations: rows.map(told), ...next };
};

function requireRotatable(key: Key): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw unsupported(`${keyArn(key)} does not support key rotation.`);
}
