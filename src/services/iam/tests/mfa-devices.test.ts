/** Virtual MFA devices, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { codeOf, stepAt } from '../mfa-devices/totp.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

/** The seed behind its base 32 text. */
function seedOf(text: string): Buffer {
  const bits = [...text].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}

/** Two codes as the device shows them now and half a minute later. */
function codes(seed: Buffer, offset = 0): { AuthenticationCode1: string; AuthenticationCode2: string } {
  const step = stepAt(cloud.cloud.clock.now()) + offset;
  return { AuthenticationCode1: codeOf(seed, step), AuthenticationCode2: codeOf(seed, step + 1) };
}

test('the codes are those of RFC 6238', () => {
  const seed = Buffer.from('12345678901234567890');
  assert.deepEqual(
    [59, 1111111109, 1234567890, 20000000000].map((seconds) => codeOf(seed, stepAt(seconds * 1000))),
    ['287082', '081804', '005924', '353130'],
  );
});

test('a device is enabled with two codes, brought back in step, and given up', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'mia' }));
  const { VirtualMFADevice } = await iam.send(
    new Iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone', Path: '/d/', Tags: [{ Key: 'a', Value: 'b' }] }),
  );
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  assert.equal(SerialNumber, 'arn:aws:iam::000000000000:mfa/d/phone');
  assert.deepEqual([...VirtualMFADevice!.QRCodePNG!.subarray(1, 4)], [...Buffer.from('PNG')]);
  const seed = seedOf(Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString());
  const device = { UserName: 'mia', SerialNumber };
  await assert.rejects(
    iam.send(new Iam.EnableMFADeviceCommand({ ...device, AuthenticationCode1: '000000', AuthenticationCode2: '000000' })),
    { name: 'InvalidAuthenticationCodeException' },
  );
  assert.deepEqual(
    (await iam.send(new Iam.ListVirtualMFADevicesCommand({ AssignmentStatus: 'Unassigned' }))).VirtualMFADevices?.map(
      (each) => each.SerialNumber,
    ),
    [SerialNumber],
  );
  await iam.send(new Iam.EnableMFADeviceCommand({ ...device, ...codes(seed) }));
  assert.equal((await iam.send(new Iam.GetMFADeviceCommand(device))).UserName, 'mia');
  assert.deepEqual(
    (await iam.send(new Iam.ListMFADevicesCommand({ UserName: 'mia' }))).MFADevices?.map((each) => each.SerialNumber),
    [SerialNumber],
  );
  assert.equal(
    (await iam.send(new Iam.ListVirtualMFADevicesCommand({ AssignmentStatus: 'Assigned' }))).VirtualMFADevices?.[0]?.User?.UserName,
    'mia',
  );
  await assert.rejects(
    iam.send(new Iam.ResyncMFADeviceCommand({ ...device, ...codes(seed) })),
    { name: 'InvalidAuthenticationCodeException' },
    'codes are good once',
  );
  await iam.send(new Iam.ResyncMFADeviceCommand({ ...device, ...codes(seed, 50) }));
  await assert.rejects(iam.send(new Iam.DeleteVirtualMFADeviceCommand({ SerialNumber })), { name: 'DeleteConflictException' });
  await iam.send(new Iam.DeactivateMFADeviceCommand(device));
  await iam.send(new Iam.DeleteVirtualMFADeviceCommand({ SerialNumber }));
  await assert.rejects(iam.send(new Iam.DeleteVirtualMFADeviceCommand({ SerialNumber })), {
    name: 'NoSuchEntityException',
    message: `VirtualMFADevice with serial number ${SerialNumber} doesn't exist.`,
  });
});

test('tags of a device', async () => {
  const { VirtualMFADevice } = await iam.send(new Iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'tagged' }));
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  await iam.send(
    new Iam.TagMFADeviceCommand({
      SerialNumber,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await iam.send(new Iam.UntagMFADeviceCommand({ SerialNumber, TagKeys: ['a'] }));
  assert.deepEqual((await iam.send(new Iam.ListMFADeviceTagsCommand({ SerialNumber }))).Tags, [{ Key: 'b', Value: '2' }]);
  await assert.rejects(iam.send(new Iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'tagged' })), {
    name: 'EntityAlreadyExistsException',
    message: 'MFADevice entity at the same path and name already exists.',
  });
});
