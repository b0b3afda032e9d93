/** Virtual MFA devices: made with a seed, enabled for a user with two codes. */

import { arn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, deleteConflict, invalidAuthenticationCode, noMfaDevice, noSuchEntity, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { indexRows, page, tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { openSecret, sealSecret } from '../secrets.ts';
import { fold, mfaDevices, type MfaDevice } from '../tables.ts';
import { mergedTags, newTags, tagsMember, withoutTags } from '../tags.ts';
import { listedUser, requireCredentialOwner, userById, type CredentialOwner } from '../users/user.ts';
import { qrCodePng } from './qr-code.ts';
import { base32Text, stepOfCodes } from './totp.ts';

/** Steps of 30 seconds that a device's clock may be off when it is enabled; ten times as many when it is brought back in step. */
const drift = 2;
const resyncDrift = 120;

export const CreateVirtualMFADevice: Operation<'CreateVirtualMFADevice'> = async (request, input) => {
  const path = input.Path ?? '/';
  const serial = arn('iam', '', request.account, `mfa${path}${input.VirtualMFADeviceName}`);
  const seed = request.random.bytes(40);
  const sealedSeed = await sealSecret(request.store, request.random, serial, seed.toString('base64'));
  const device: MfaDevice = {
    account: request.account,
    name: input.VirtualMFADeviceName,
    path,
    serial,
    createdAt: request.now,
    sealedSeed,
    tags: newTags(input.Tags),
  };
  await commit(request, async (tx) => {
    if (await mfaDevices.get(tx, device.account, fold(serial)))
      throw alreadyExists('MFADevice entity at the same path and name already exists.');
    await changeCount(tx, request, 'mfaDevices', 1, limits.virtualMfaDevicesPerAccount, 'VirtualMFADevicesPerAccount');
    await mfaDevices.put(tx, device);
  });
  const text = base32Text(seed);
  const uri = `otpauth://totp/${encodeURIComponent(`Amazon Web Services:${device.name}@${device.account}`)}?secret=${text}&issuer=Amazon%20Web%20Services`;
  return {
    VirtualMFADevice: {
      SerialNumber: serial,
      Base32StringSeed: Buffer.from(text),
      QRCodePNG: await qrCodePng(uri),
      ...tagsMember(device.tags),
    },
  };
};

/** Throws NoSuchEntity. */
export async function requireDevice(tx: ReadTransaction, account: string, serial: string): Promise<MfaDevice> {
  const device = await mfaDevices.get(tx, account, fold(serial));
  if (!device) throw noMfaDevice(serial);
  return device;
}

async function requireDeviceOf(tx: ReadTransaction, account: string, serial: string, owner: CredentialOwner): Promise<MfaDevice> {
  const device = await requireDevice(tx, account, serial);
  if (device.userId !== owner.id) throw noSuchEntity(`MFA device invalid for user ${owner.name}.`);
  return device;
}

/** Checks two consecutive codes; gives the step of the second. Throws InvalidAuthenticationCode. */
async function acceptedStep(request: ServiceRequest, serial: string, first: string, second: string, steps: number): Promise<number> {
  const device = await request.store.read((tx) => requireDevice(tx, request.account, serial));
  const seed = Buffer.from(await openSecret(request.store, request.random, device.serial, device.sealedSeed), 'base64');
  const step = stepOfCodes(seed, first, second, request.now, steps, device.lastStep);
  if (step === undefined) throw invalidAuthenticationCode(serial);
  return step;
}

export const EnableMFADevice: Operation<'EnableMFADevice'> = async (request, input) => {
  const step = await acceptedStep(request, input.SerialNumber, input.AuthenticationCode1, input.AuthenticationCode2, drift);
  await commit(request, async (tx) => {
    const owner = await ownerNamed(tx, request, input.UserName);
    const device = await requireDevice(tx, request.account, input.SerialNumber);
    if (device.userId !== undefined) throw alreadyExists('MFA Device is already in use.');
    const others = await mfaDevices.scanIndex(tx, 'byUser', [request.account, owner.id]);
    if (others.length >= limits.mfaDevicesPerUser) throw quotaExceeded('MFADevicesPerUser', limits.mfaDevicesPerUser);
    await mfaDevices.put(tx, { ...device, userId: owner.id, enabledAt: request.now, lastStep: step });
    await changeCount(tx, request, 'mfaDevicesInUse', 1);
  });
  return {};
};

/** The root user names itself by its account: `root` or the account's number. */
function ownerNamed(tx: ReadTransaction, request: ServiceRequest, name: string | undefined): Promise<CredentialOwner> {
  const isRoot = request.principal.type === 'Root' && (name === 'root' || name === request.account);
  return requireCredentialOwner(tx, request, isRoot ? undefined : name);
}

export const ResyncMFADevice: Operation<'ResyncMFADevice'> = async (request, input) => {
  const step = await acceptedStep(request, input.SerialNumber, input.AuthenticationCode1, input.AuthenticationCode2, resyncDrift);
  await commit(request, async (tx) => {
    const owner = await ownerNamed(tx, request, input.UserName);
    await mfaDevices.put(tx, { ...(await requireDeviceOf(tx, request.account, input.SerialNumber, owner)), lastStep: step });
  });
  return {};
};

export const DeactivateMFADevice: Operation<'DeactivateMFADevice'> = async (request, input) => {
  await commit(request, async (tx) => {
    const owner = await ownerNamed(tx, request, input.UserName);
    const { userId: _, enabledAt: __, lastStep: ___, ...device } = await requireDeviceOf(tx, request.account, input.SerialNumber, owner);
    await mfaDevices.put(tx, device);
    await changeCount(tx, request, 'mfaDevicesInUse', -1);
  });
  return {};
};

export const DeleteVirtualMFADevice: Operation<'DeleteVirtualMFADevice'> = async (request, input) => {
  await commit(request, async (tx) => {
    const device = await requireDevice(tx, request.account, input.SerialNumber);
    if (device.userId !== undefined) throw deleteConflict('MFA VirtualDevice in use. Must deactivate first.');
    await mfaDevices.delete(tx, device.account, fold(device.serial));
    await changeCount(tx, request, 'mfaDevices', -1);
  });
  return {};
};

export const GetMFADevice: Operation<'GetMFADevice'> = (request, input) =>
  request.store.read(async (tx) => {
    const owner = await ownerNamed(tx, request, input.UserName);
    const device = await requireDeviceOf(tx, request.account, input.SerialNumber, owner);
    return { UserName: owner.name, SerialNumber: device.serial, EnableDate: dateOf(device.enabledAt ?? device.createdAt) };
  });

export const ListMFADevices: Operation<'ListMFADevices'> = (request, input) =>
  request.store.read(async (tx) => {
    const owner = await ownerNamed(tx, request, input.UserName);
    const { items, ...more } = page(
      await indexRows(tx, mfaDevices, 'byUser', [request.account, owner.id]),
      input,
      (device) => device.serial,
    );
    const MFADevices = items.map((device) => ({
      UserName: owner.name,
      SerialNumber: device.serial,
      EnableDate: dateOf(device.enabledAt ?? device.createdAt),
    }));
    return { MFADevices, ...more };
  });

export const ListVirtualMFADevices: Operation<'ListVirtualMFADevices'> = (request, input) =>
  request.store.read(async (tx) => {
    const wanted = input.AssignmentStatus ?? 'Any';
    const fits = (device: MfaDevice) => wanted === 'Any' || (wanted === 'Assigned') === (device.userId !== undefined);
    const { rows, ...more } = await tablePage(tx, mfaDevices, [request.account], input, fits);
    const VirtualMFADevices = [];
    for (const device of rows)
      VirtualMFADevices.push({ SerialNumber: device.serial, ...(await assignment(tx, device)), ...tagsMember(device.tags) });
    return { VirtualMFADevices, ...more };
  });

async function assignment(tx: ReadTransaction, device: MfaDevice) {
  if (device.userId === undefined) return {};
  const EnableDate = dateOf(device.enabledAt ?? device.createdAt);
  const user = await userById(tx, device.account, device.userId);
  if (user) return { EnableDate, User: listedUser(user) };
  return {
    EnableDate,
    User: {
      Path: '/',
      UserName: '<root_account>',
      UserId: device.account,
      Arn: arn('iam', '', device.account, 'root'),
      CreateDate: dateOf(device.createdAt),
    },
  };
}

export const TagMFADevice: Operation<'TagMFADevice'> = async (request, input) => {
  await commit(request, async (tx) => {
    const device = await requireDevice(tx, request.account, input.SerialNumber);
    await mfaDevices.put(tx, { ...device, tags: mergedTags(device.tags, input.Tags) });
  });
  return {};
};

export const UntagMFADevice: Operation<'UntagMFADevice'> = async (request, input) => {
  await commit(request, async (tx) => {
    const device = await requireDevice(tx, request.account, input.SerialNumber);
    await mfaDevices.put(tx, { ...device, tags: withoutTags(device.tags, input.TagKeys) });
  });
  return {};
};

export const ListMFADeviceTags: Operation<'ListMFADeviceTags'> = async (request, input) => {
  const device = await request.store.read((tx) => requireDevice(tx, request.account, input.SerialNumber));
  const { items, ...more } = page(device.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
