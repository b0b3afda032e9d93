/** Parameters that name images, through the SDK: found one by one and by their path, and launched by. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  paginateGetParametersByPath,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { userWith } from '../../ec2/tests/cast.ts';

const amazonLinux = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let ssm: SSMClient;
let imageId: string;

before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  ec2 = cloud.client(Ec2.EC2Client);
  ssm = cloud.client(SSMClient);
  imageId = (await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }))).Images![0]!.ImageId!;
});
after(() => cloud.close());

test("the newest image of Amazon Linux is the one that this machine has; others' are not there", async () => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: amazonLinux }));
  assert.equal(Parameter!.Value, imageId);
  assert.equal(Parameter!.ARN, `arn:aws:ssm:us-east-1::parameter${amazonLinux}`);
  assert.deepEqual([Parameter!.Type, Parameter!.Version, Parameter!.DataType], ['String', 1, 'text']);
  await refused(ssm.send(new GetParameterCommand({ Name: '/my/own' })), 'ParameterNotFound');
  await refused(ssm.send(new GetParameterCommand({ Name: '/aws/service/debian/release/12/latest/amd64' })), 'ParameterNotFound');
  const { Parameters, InvalidParameters } = await ssm.send(new GetParametersCommand({ Names: [`${amazonLinux}:1`, 'nothing'] }));
  assert.deepEqual([Parameters!.map(({ Name }) => Name), InvalidParameters], [[amazonLinux], ['nothing']]);
  await refused(ssm.send(new GetParametersCommand({ Names: Array(11).fill('x') })), 'ValidationException');
});

test('a path holds what is right below it, or everything, in pages', async () => {
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: '/aws/service/ami-amazon-linux-latest' }));
  assert.ok(Parameters!.length > 3 && Parameters!.every(({ Value }) => Value === imageId));
  assert.deepEqual((await ssm.send(new GetParametersByPathCommand({ Path: '/aws/service' }))).Parameters, []);
  const names: string[] = [];
  for await (const page of paginateGetParametersByPath({ client: ssm, pageSize: 2 }, { Path: '/aws/', Recursive: true }))
    names.push(...page.Parameters!.map(({ Name }) => Name!));
  assert.ok(names.includes(amazonLinux) && names.some((name) => name.includes('/canonical/ubuntu/')));
  assert.deepEqual(names, [...new Set(names)].sort());
  await refused(ssm.send(new GetParametersByPathCommand({ Path: 'aws' })), 'ValidationException');
  await refused(ssm.send(new GetParametersByPathCommand({ Path: '/aws', NextToken: 'x' })), 'InvalidNextToken');
});

test('an instance is launched by a parameter, by whoever may read it', async () => {
  const wanted = { InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, ImageId: `resolve:ssm:${amazonLinux}` }));
  assert.equal(Instances![0]!.ImageId, imageId);
  const lost = ec2.send(new Ec2.RunInstancesCommand({ ...wanted, ImageId: 'resolve:ssm:/nothing' }));
  await refused(lost, { code: 'InvalidParameterValue', message: /\/nothing could not be found/ });
  const blind = await userWith(cloud, 'blind', { Action: 'ec2:*' });
  const denied = blind.send(new Ec2.RunInstancesCommand({ ...wanted, ImageId: `resolve:ssm:${amazonLinux}` }));
  await refused(denied, { status: 400, code: 'AccessDeniedException' });
});

test("an instance is launched by a parameter of one's own, by its version and by its label, and through a launch template", async () => {
  const put = (Value: string, more: object = {}) =>
    ssm.send(new PutParameterCommand({ Name: '/golden', Value, Type: 'String', DataType: 'aws:ec2:image', ...more }));
  await refused(put('ami-00000000000000000'), 'ValidationException');
  await put(imageId);
  await ssm.send(new PutParameterCommand({ Name: '/golden', Value: 'nothing', DataType: 'text', Overwrite: true }));
  await ssm.send(new LabelParameterVersionCommand({ Name: '/golden', ParameterVersion: 1, Labels: ['live'] }));
  const wanted = { InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  for (const name of ['/golden:1', '/golden:live', 'arn:aws:ssm:us-east-1:000000000000:parameter/golden:1']) {
    const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, ImageId: `resolve:ssm:${name}` }));
    assert.equal(Instances![0]!.ImageId, imageId);
  }
  await refused(ec2.send(new Ec2.RunInstancesCommand({ ...wanted, ImageId: 'resolve:ssm:/golden' })), 'InvalidAMIID.Malformed');
  const LaunchTemplateData = { ImageId: 'resolve:ssm:/golden:live', InstanceType: 't3.micro' as const };
  await ec2.send(new Ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'golden', LaunchTemplateData }));
  const LaunchTemplate = { LaunchTemplateName: 'golden' };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ LaunchTemplate, MinCount: 1, MaxCount: 1 }));
  assert.equal(Instances![0]!.ImageId, imageId);
});
