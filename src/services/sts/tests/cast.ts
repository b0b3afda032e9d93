/** Users and roles for the tests of STS, made through IAM as anyone would. */

import { createHmac } from 'node:crypto';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type CreateRoleCommandInput,
} from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { rootOf, type Credentials, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const home = '111122223333';
export const abroad = '444455556666';

export type Statement = Record<string, unknown>;

export function policyText(...statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const allow = (action: string | readonly string[], resource = '*'): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
});
export const trusting = (principal: unknown, more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: principal,
  Action: 'sts:AssumeRole',
  ...more,
});

export function iamOf(cloud: LiveCloud, account = home): IAMClient {
  return cloud.client(IAMClient, { credentials: rootOf(account) });
}

export function stsAs(cloud: LiveCloud, credentials: Credentials): STSClient {
  return cloud.client(STSClient, { credentials });
}

/** A user with its key and an inline policy. */
export async function makeUser(cloud: LiveCloud, name: string, statements: readonly Statement[], account = home): Promise<Credentials> {
  const iam = iamOf(cloud, account);
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0)
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument: policyText(...statements) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

/** A role; gives its ARN. */
export async function makeRole(
  cloud: LiveCloud,
  name: string,
  trust: readonly Statement[],
  statements: readonly Statement[] = [],
  options: { account?: string } & Partial<CreateRoleCommandInput> = {},
): Promise<string> {
  const { account = home, ...input } = options;
  const iam = iamOf(cloud, account);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policyText(...trust), ...input }));
  if (statements.length > 0)
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'inline', PolicyDocument: policyText(...statements) }));
  return Role!.Arn!;
}

/** As SDK clients take them. */
export function credentialsOf(
  given: { AccessKeyId?: string | undefined; SecretAccessKey?: string | undefined; SessionToken?: string | undefined } | undefined,
): Credentials {
  return { accessKeyId: given!.AccessKeyId!, secretAccessKey: given!.SecretAccessKey!, sessionToken: given!.SessionToken! };
}

/** Gives a user a virtual MFA device and lets its codes of enabling pass; `codeAt` is what it shows at a time. */
export async function enableMfa(cloud: LiveCloud, name: string): Promise<{ SerialNumber: string; codeAt: (time: number) => string }> {
  const iam = iamOf(cloud);
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: name }));
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  const seed = base32Bytes(Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString());
  const codeAt = (time: number) => codeOf(seed, Math.floor(time / 30_000));
  const now = cloud.cloud.clock.now();
  const codes = { AuthenticationCode1: codeAt(now), AuthenticationCode2: codeAt(now + 30_000) };
  await iam.send(new EnableMFADeviceCommand({ UserName: name, SerialNumber, ...codes }));
  await cloud.advance(60_000);
  return { SerialNumber, codeAt };
}

/** The seed behind the text that an authenticator is given. */
function base32Bytes(text: string): Buffer {
  let bits = '';
  for (const letter of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** What an authenticator shows in a step of 30 seconds: RFC 6238. */
function codeOf(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', seed).update(counter).digest();
  const start = digest[19]! & 15;
  return String((digest.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
