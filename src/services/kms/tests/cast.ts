/** What the tests of KMS share: clients, users, and refusals. */

import assert from 'node:assert/strict';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { KMSClient, CreateKeyCommand, type CreateKeyCommandInput, type KeyMetadata } from '@aws-sdk/client-kms';
import { rootOf, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const home = '111122223333';
export const abroad = '444455556666';
export const day = 86_400_000;

export function kmsOf(cloud: LiveCloud, account = home, region = 'us-east-1'): KMSClient {
  return cloud.client(KMSClient, { credentials: rootOf(account), region });
}

export async function makeKey(kms: KMSClient, input: CreateKeyCommandInput = {}): Promise<KeyMetadata & { KeyId: string; Arn: string }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
  return KeyMetadata as KeyMetadata & { KeyId: string; Arn: string };
}

type Statement = { Effect?: string; Action: string | string[]; Resource?: string; Condition?: object; Principal?: unknown };

export function policy(...statements: readonly Statement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })),
  });
}

/** A user with an inline policy; gives its ARN and a client of KMS. */
export async function makeUser(cloud: LiveCloud, name: string, statements: readonly Statement[] = [], account = home) {
  const iam = cloud.client(IAMClient, { credentials: rootOf(account) });
  const { User } = await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0)
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument: policy(...statements) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { arn: User!.Arn!, kms: cloud.client(KMSClient, { credentials }), credentials };
}

export async function refused(call: Promise<unknown>, code: string, message?: string | RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.equal(error.name, code, error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    else if (message) assert.match(error.message, message);
    return true;
  });
}
