/** MFA delete: versions go, and versioning changes, only with a code of the root user's device. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import { CreateVirtualMFADeviceCommand, EnableMFADeviceCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type VersioningConfiguration,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const iam = cloud.client(IAMClient);
const Bucket = 'guarded-bucket';
const stepMilliseconds = 30_000;

const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'root-phone' }));
const SerialNumber = VirtualMFADevice!.SerialNumber!;
const seed = base32Bytes(Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString());
const codeAt = (time: number) => codeOf(seed, Math.floor(time / stepMilliseconds));
const now = () => cloud.cloud.clock.now();
const codes = { AuthenticationCode1: codeAt(now()), AuthenticationCode2: codeAt(now() + stepMilliseconds) };
await iam.send(new EnableMFADeviceCommand({ UserName: 'root', SerialNumber, ...codes }));

/** The device's next code, which is good once. */
async function nextMfa(): Promise<string> {
  await cloud.advance(2 * stepMilliseconds);
  return `${SerialNumber} ${codeAt(now())}`;
}

const configure = (VersioningConfiguration: VersioningConfiguration, MFA?: string) =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration, MFA }));
const missing = { code: 'AccessDenied', status: 403, message: 'Mfa Authentication must be used for this request' };

test('with MFA delete every deletion of a version shows a code', async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await refused(configure({ Status: 'Enabled', MFADelete: 'Enabled' }), missing);
  await configure({ Status: 'Enabled', MFADelete: 'Enabled' }, await nextMfa());
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).MFADelete, 'Enabled');
  const put = async () => (await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))).VersionId;
  const [first, second] = [await put(), await put()];
  const remove = (VersionId: string | undefined, MFA?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId, MFA }));
  await remove(undefined);
  await refused(remove(first), missing);
  await refused(remove(first, `${SerialNumber} 000000`), missing);
  await remove(first, await nextMfa());
  const many = (MFA?: string) => s3.send(new DeleteObjectsCommand({ Bucket, MFA, Delete: { Objects: [{ Key: 'k', VersionId: second }] } }));
  await refused(many(), missing);
  assert.equal((await many(await nextMfa())).Deleted?.[0]?.VersionId, second);
  await refused(configure({ Status: 'Suspended' }), missing);
  await configure({ Status: 'Suspended', MFADelete: 'Disabled' }, await nextMfa());
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).MFADelete, 'Disabled');
});

/** The seed behind the text that an authenticator is given. */
function base32Bytes(text: string): Buffer {
  let bits = '';
  for (const letter of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** What an authenticator shows in a step of 30 seconds: RFC 6238. */
function codeOf(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const start = digest[19]! & 15;
  return String((digest.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
