/** An IAM user who may do what is named, of everything, and no more; with a key to call with. */

import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { Credentials, LiveCloud } from './live-cloud.ts';

export async function allowedUser(cloud: LiveCloud, UserName: string, ...Action: string[]): Promise<{ credentials: Credentials }> {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! } };
}
