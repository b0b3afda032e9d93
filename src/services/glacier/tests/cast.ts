/** What the tests of Glacier share: clients, vaults, users, and refusals. */

import assert from 'node:assert/strict';
import { CreateVaultCommand, GlacierClient } from '@aws-sdk/client-glacier';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { rootOf, type Credentials, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const home = '111122223333';
export const abroad = '444455556666';
export const day = 86_400_000;

export function glacierOf(
  cloud: LiveCloud,
  account = home,
  region = 'us-east-1',
  credentials: Credentials = rootOf(account),
): GlacierClient {
  return cloud.client(GlacierClient, { credentials, region });
}

export async function makeVault(glacier: GlacierClient, vaultName: string): Promise<{ accountId: string; vaultName: string }> {
  const vault = { accountId: '-', vaultName };
  await glacier.send(new CreateVaultCommand(vault));
  return vault;
}

type Statement = { Effect?: string; Action: string | string[]; Resource?: string; Condition?: object; Principal?: unknown };

export function policy(...statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })),
  });
}

/** A user with an inline policy. */
export async function makeUser(cloud: LiveCloud, name: string, ...statements: Statement[]): Promise<{ credentials: Credentials }> {
  const iam = cloud.client(IAMClient, { credentials: rootOf(home) });
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument: policy(...statements) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! } };
}

export async function refused(call: Promise<unknown>, code: string, message?: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.equal(error.name, code, error.message);
    if (message) assert.match(error.message, message);
    return true;
  });
}
