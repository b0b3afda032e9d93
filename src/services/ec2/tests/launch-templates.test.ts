/** Launch templates and their versions, and launches from them, through the SDK. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { refused } from '../../../../tests/refused.ts';
import { startWithImage, userWith } from './cast.ts';

const { cloud, ec2, ImageId } = await startWithImage();
after(() => cloud.close());

async function create(name: string, data: Ec2.RequestLaunchTemplateData = {}): Promise<string> {
  const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' as const, ...data };
  const made = await ec2.send(new Ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: name, LaunchTemplateData }));
  return made.LaunchTemplate!.LaunchTemplateId!;
}

const versionsOf = async (input: Ec2.DescribeLaunchTemplateVersionsCommandInput) =>
  (await ec2.send(new Ec2.DescribeLaunchTemplateVersionsCommand(input))).LaunchTemplateVersions!;

test('a template has versions, of which one is the default and one the latest', async () => {
  const LaunchTemplateId = await create('web', { KeyName: 'main' });
  const { LaunchTemplateVersion: second } = await ec2.send(
    new Ec2.CreateLaunchTemplateVersionCommand({
      ...{ LaunchTemplateName: 'web', SourceVersion: '1', VersionDescription: 'bigger' },
      LaunchTemplateData: { InstanceType: 't3.large' },
    }),
  );
  assert.deepEqual([second!.VersionNumber, second!.DefaultVersion, second!.VersionDescription], [2, false, 'bigger']);
  assert.deepEqual(second!.LaunchTemplateData, { ImageId, InstanceType: 't3.large', KeyName: 'main' });
  const { LaunchTemplate } = await ec2.send(new Ec2.ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion: '2' }));
  assert.deepEqual([LaunchTemplate!.DefaultVersionNumber, LaunchTemplate!.LatestVersionNumber], [2, 2]);
  const all = await versionsOf({ LaunchTemplateId });
  assert.deepEqual(
    all.map((one) => [one.VersionNumber, one.DefaultVersion]),
    [
      [2, true],
      [1, false],
    ],
  );
  assert.equal((await versionsOf({ LaunchTemplateId, Versions: ['$Latest'] }))[0]!.VersionNumber, 2);
  assert.equal((await versionsOf({ Versions: ['$Default'] }))[0]!.VersionNumber, 2);
  const first = await ec2.send(new Ec2.DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, MaxResults: 1 }));
  assert.deepEqual(
    (await versionsOf({ LaunchTemplateId, NextToken: first.NextToken! })).map((one) => one.VersionNumber),
    [1],
  );
  const gone = await ec2.send(new Ec2.DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ['1', '2', '7'] }));
  assert.deepEqual(
    gone.SuccessfullyDeletedLaunchTemplateVersions!.map((one) => one.VersionNumber),
    [1],
  );
  assert.deepEqual(
    gone.UnsuccessfullyDeletedLaunchTemplateVersions!.map((one) => [one.VersionNumber, one.ResponseError!.Code]),
    [
      [2, 'unexpectedError'],
      [7, 'launchTemplateVersionDoesNotExist'],
    ],
  );
  const next = { LaunchTemplateId, LaunchTemplateData: { ImageId } };
  assert.equal((await ec2.send(new Ec2.CreateLaunchTemplateVersionCommand(next))).LaunchTemplateVersion!.VersionNumber, 3);
  await ec2.send(new Ec2.DeleteLaunchTemplateCommand({ LaunchTemplateId }));
  await refused(ec2.send(new Ec2.DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [LaunchTemplateId] })), {
    code: 'InvalidLaunchTemplateId.NotFound',
    message: `The specified launch template, with template ID ${LaunchTemplateId}, does not exist.`,
  });
});

test('a launch takes from its template what it does not say itself, and carries its tags', async () => {
  const LaunchTemplateId = await create('app', {
    UserData: Buffer.from('#!/bin/sh\n').toString('base64'),
    MetadataOptions: { HttpTokens: 'required' },
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'app' }] }],
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 3 } }],
  });
  const from = { LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' }, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...from, InstanceType: 't3.small' }));
  const [made] = Instances!;
  assert.deepEqual([made!.ImageId, made!.InstanceType, made!.MetadataOptions!.HttpTokens], [ImageId, 't3.small', 'required']);
  assert.deepEqual(Object.fromEntries(made!.Tags!.map((tag) => [tag.Key, tag.Value])), {
    Name: 'app',
    'aws:ec2launchtemplate:id': LaunchTemplateId,
    'aws:ec2launchtemplate:version': '1',
  });
  await cloud.cloud.settled();
  const attached = [{ Name: 'attachment.instance-id', Values: [made!.InstanceId!] }];
  const { Volumes } = await ec2.send(new Ec2.DescribeVolumesCommand({ Filters: attached }));
  assert.deepEqual(
    Volumes!.map((volume) => volume.Size).sort((a, b) => a! - b!),
    [3, 8],
  );
  await refused(
    ec2.send(new Ec2.RunInstancesCommand({ ...from, LaunchTemplate: { LaunchTemplateId, Version: '9' } })),
    'InvalidLaunchTemplateId.VersionNotFound',
  );
  await refused(
    ec2.send(new Ec2.RunInstancesCommand({ ...from, LaunchTemplate: { LaunchTemplateName: 'none' } })),
    'InvalidLaunchTemplateName.NotFoundException',
  );
  const both = { LaunchTemplateId, LaunchTemplateName: 'app' };
  await refused(ec2.send(new Ec2.RunInstancesCommand({ ...from, LaunchTemplate: both })), 'InvalidParameterCombination');
});

test('names are unique and well formed, a token makes one template, and what a launch cannot do is refused at once', async () => {
  const call = { LaunchTemplateName: 'once', ClientToken: 'a', LaunchTemplateData: { ImageId } };
  const first = await ec2.send(new Ec2.CreateLaunchTemplateCommand(call));
  assert.deepEqual((await ec2.send(new Ec2.CreateLaunchTemplateCommand(call))).LaunchTemplate, first.LaunchTemplate);
  await refused(ec2.send(new Ec2.CreateLaunchTemplateCommand({ ...call, LaunchTemplateName: 'other' })), 'IdempotentParameterMismatch');
  await refused(
    ec2.send(new Ec2.CreateLaunchTemplateCommand({ ...call, ClientToken: 'b' })),
    'InvalidLaunchTemplateName.AlreadyExistsException',
  );
  await refused(create('a b c'), 'InvalidLaunchTemplateName.MalformedException');
  await refused(create('gpu', { RamDiskId: 'ari-1' }), 'NotImplemented');
  await refused(create('data', { UserData: '%%%' }), 'InvalidParameterValue');
});

test('a user may launch from a template only with the right to it and to all that it names', async () => {
  const LaunchTemplateId = await create('guarded');
  const launch = { LaunchTemplate: { LaunchTemplateId }, MinCount: 1, MaxCount: 1 };
  const everywhere = { Action: 'ec2:RunInstances' };
  const denied = { Effect: 'Deny', Action: 'ec2:RunInstances', Resource: `arn:aws:ec2:*:*:image/${ImageId}` };
  const user = await userWith(cloud, 'guest', everywhere, denied);
  await refused(user.send(new Ec2.RunInstancesCommand(launch)), 'UnauthorizedOperation');
  const template = `arn:aws:ec2:*:*:launch-template/${LaunchTemplateId}`;
  const other = await userWith(cloud, 'other', everywhere, { Effect: 'Deny', Action: 'ec2:RunInstances', Resource: template });
  await refused(other.send(new Ec2.RunInstancesCommand(launch)), 'UnauthorizedOperation');
  const allowed = await userWith(cloud, 'allowed', everywhere);
  assert.equal((await allowed.send(new Ec2.RunInstancesCommand(launch))).Instances!.length, 1);
});

test('credits: t3 is unlimited by itself, a call may say otherwise, and m5 knows none', async () => {
  const run = { ImageId, MinCount: 1, MaxCount: 1 };
  const launch = async (input: Partial<Ec2.RunInstancesCommandInput>) =>
    (await ec2.send(new Ec2.RunInstancesCommand({ ...run, ...input }))).Instances![0]!.InstanceId!;
  const standard = await launch({ InstanceType: 't3.micro', CreditSpecification: { CpuCredits: 'standard' } });
  const unlimited = await launch({ InstanceType: 't3.micro' });
  const none = await launch({ InstanceType: 'm5.large' });
  const ask = async (...InstanceIds: string[]) =>
    (await ec2.send(new Ec2.DescribeInstanceCreditSpecificationsCommand({ InstanceIds }))).InstanceCreditSpecifications!.map(
      (one) => one.CpuCredits,
    );
  assert.deepEqual(await ask(standard, unlimited), ['standard', 'unlimited']);
  await refused(ask(none), 'InstanceCreditSpecification.NotSupported');
  const wanted = [standard, none].map((InstanceId) => ({ InstanceId, CpuCredits: 'unlimited' }));
  const changed = await ec2.send(new Ec2.ModifyInstanceCreditSpecificationCommand({ InstanceCreditSpecifications: wanted }));
  assert.deepEqual(changed.SuccessfulInstanceCreditSpecifications, [{ InstanceId: standard }]);
  assert.equal(changed.UnsuccessfulInstanceCreditSpecifications![0]!.Error!.Code, 'InstanceCreditSpecification.NotSupported');
  assert.deepEqual(await ask(standard), ['unlimited']);
});
