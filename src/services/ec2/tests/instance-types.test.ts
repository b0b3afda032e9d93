/** Instance types through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, startSimulated } from './cast.ts';

let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
before(async () => {
  cloud = await startSimulated();
  ec2 = ec2Of(cloud);
});
after(() => cloud.close());

test('types have the vCPUs, memory and architecture that AWS publishes', async () => {
  const { InstanceTypes } = await ec2.send(
    new Ec2.DescribeInstanceTypesCommand({ InstanceTypes: ['t3.micro', 'm5.24xlarge', 'c7g.medium'] }),
  );
  assert.deepEqual(
    InstanceTypes!.map((one) => [
      one.InstanceType,
      one.VCpuInfo!.DefaultVCpus,
      one.VCpuInfo!.DefaultThreadsPerCore,
      one.MemoryInfo!.SizeInMiB,
      one.ProcessorInfo!.SupportedArchitectures,
    ]),
    [
      ['t3.micro', 2, 2, 1024, ['x86_64']],
      ['m5.24xlarge', 96, 2, 393_216, ['x86_64']],
      ['c7g.medium', 1, 1, 2048, ['arm64']],
    ],
  );
  await refused(ec2.send(new Ec2.DescribeInstanceTypesCommand({ InstanceTypes: ['t9.huge' as never] })), {
    code: 'InvalidInstanceType',
    message: 'The following supplied instance types do not exist: [t9.huge]',
  });
});

test('types come in pages and by filter', async () => {
  const first = await ec2.send(new Ec2.DescribeInstanceTypesCommand({ MaxResults: 50 }));
  assert.equal(first.InstanceTypes!.length, 50);
  const second = await ec2.send(new Ec2.DescribeInstanceTypesCommand({ MaxResults: 50, NextToken: first.NextToken! }));
  assert.notEqual(second.InstanceTypes![0]!.InstanceType, first.InstanceTypes![0]!.InstanceType);
  const Filters = [
    { Name: 'burstable-performance-supported', Values: ['true'] },
    { Name: 'vcpu-info.default-vcpus', Values: ['8'] },
    { Name: 'processor-info.supported-architecture', Values: ['arm64'] },
  ];
  const { InstanceTypes } = await ec2.send(new Ec2.DescribeInstanceTypesCommand({ Filters }));
  assert.deepEqual(
    InstanceTypes!.map((one) => one.InstanceType),
    ['t4g.2xlarge'],
  );
});

test('types are offered in every zone', async () => {
  const { InstanceTypeOfferings } = await ec2.send(
    new Ec2.DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
    }),
  );
  assert.deepEqual(
    InstanceTypeOfferings!.map((one) => one.Location),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `us-east-1${letter}`),
  );
});
