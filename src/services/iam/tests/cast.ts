/** What many tests of IAM begin with: policies as text, users with keys, roles with trust. */

import * as Iam from '@aws-sdk/client-iam';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';

export type StatementText = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  Principal?: unknown;
  Condition?: unknown;
};

export function policy(...statements: StatementText[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export const allow = (action: string | string[], resource: string | string[] = '*', more: Partial<StatementText> = {}): StatementText => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
export const deny = (action: string | string[], resource: string | string[] = '*', more: Partial<StatementText> = {}): StatementText => ({
  Effect: 'Deny',
  Action: action,
  Resource: resource,
  ...more,
});

export const ec2Trust = policy({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });

/** A user with these statements inline and a key, and a client that calls as that user. */
export async function userWith(cloud: LiveCloud, iam: Iam.IAMClient, name: string, ...statements: StatementText[]) {
  await iam.send(new Iam.CreateUserCommand({ UserName: name }));
  if (statements.length > 0)
    await iam.send(new Iam.PutUserPolicyCommand({ UserName: name, PolicyName: 'own', PolicyDocument: policy(...statements) }));
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({ UserName: name }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { credentials, client: cloud.client(Iam.IAMClient, { credentials }) };
}
