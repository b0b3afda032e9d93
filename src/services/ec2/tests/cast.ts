/** What the tests of EC2 share: a cloud whose machine is simulated, clients, and users with few rights. */

import { DescribeImagesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

export const home = '111122223333';
export const abroad = '444455556666';

export const startSimulated = (host = simulatedHost()): Promise<LiveCloud> => startCloud({ host });

export function ec2Of(cloud: LiveCloud, account = home, region = 'us-east-1'): EC2Client {
  return cloud.client(EC2Client, { credentials: rootOf(account), region });
}

/** With a client of `home`, and the image from which its instances are launched. */
export async function startWithImage(host = simulatedHost()): Promise<{ cloud: LiveCloud; ec2: EC2Client; ImageId: string }> {
  const cloud = await startSimulated(host);
  const ec2 = ec2Of(cloud);
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  return { cloud, ec2, ImageId: Images![0]!.ImageId! };
}

type Statement = { Effect?: string; Action: string | string[]; Resource?: string | string[]; Condition?: object };

/** A client of a user of `home` who may do what the statements say. */
export async function userWith(cloud: LiveCloud, name: string, ...statements: readonly Statement[]): Promise<EC2Client> {
  const iam = cloud.client(IAMClient, { credentials: rootOf(home) });
  await iam.send(new CreateUserCommand({ UserName: name }));
  const document = { Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', Resource: '*', ...one })) };
  if (statements.length > 0)
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument: JSON.stringify(document) }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return cloud.client(EC2Client, { credentials });
}
