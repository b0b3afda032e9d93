/** The form that launches instances: what runs, on what, where, and who may reach it. */

import {
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
  type Image,
  type InstanceTypeInfo,
  type KeyPairInfo,
  type RunInstancesCommandOutput,
  type SecurityGroup,
  type Subnet,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { base64 } from '../from-shell/cli.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read, type Field, type Option, type Values } from '../resource/fields.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, tagged, terraformTags, titled } from './client.ts';
import { LaunchPrice } from './launch-price.tsx';
import { messages } from './messages.ts';

type Texts = (typeof messages)['en'];
type Choices = {
  images: readonly Image[];
  types: readonly InstanceTypeInfo[];
  keys: readonly KeyPairInfo[];
  subnets: readonly Subnet[];
  groups: readonly SecurityGroup[];
};

const usualType = 't3.micro';
const userDataBytesMax = 16_384;

async function loadTypes(): Promise<InstanceTypeInfo[]> {
  const all: InstanceTypeInfo[] = [];
  let after: string | undefined;
  do {
    const page = await ec2().send(new DescribeInstanceTypesCommand({ MaxResults: 100, ...(after && { NextToken: after }) }));
    all.push(...(page.InstanceTypes ?? []));
    after = page.NextToken;
  } while (after);
  return all.sort((a, b) => a.InstanceType!.localeCompare(b.InstanceType!, undefined, { numeric: true }));
}

async function loadChoices(): Promise<Choices> {
  // Whoever may launch may not see all there is to choose from; what is hidden is not offered.
  const hidden = (): never[] => [];
  const [images, types, keys, subnets, groups] = await Promise.all([
    ec2()
      .send(new DescribeImagesCommand({ Owners: ['amazon', 'self'] }))
      .then(({ Images = [] }) => Images),
    loadTypes(),
    ec2()
      .send(new DescribeKeyPairsCommand({}))
      .then(({ KeyPairs = [] }) => KeyPairs, hidden),
    ec2()
      .send(new DescribeSubnetsCommand({}))
      .then(({ Subnets = [] }) => Subnets, hidden),
    ec2()
      .send(new DescribeSecurityGroupsCommand({}))
      .then(({ SecurityGroups = [] }) => SecurityGroups, hidden),
  ]);
  return { images, types, keys, subnets, groups };
}

function imageOption({ ImageId, Name, Description, Architecture }: Image): Option {
  return { value: ImageId!, label: Name ?? ImageId!, description: [ImageId, Architecture, Description].filter(Boolean).join(' · ') };
}

function typeOption({ InstanceType, VCpuInfo, MemoryInfo, ProcessorInfo }: InstanceTypeInfo): Option {
  const architectures = ProcessorInfo?.SupportedArchitectures?.join(', ') ?? '';
  return {
    value: InstanceType!,
    description: `${VCpuInfo?.DefaultVCpus} vCPU · ${(MemoryInfo?.SizeInMiB ?? 0) / 1_024} GiB · ${architectures}`,
  };
}

function fieldsOf(t: Texts, { images, types, keys, subnets, groups }: Choices): Field[] {
  return [
    { name: 'name', kind: 'text', label: t.name, section: t.machine },
    { name: 'image', kind: 'select', label: t.image, required: true, options: images.map(imageOption) },
    { name: 'type', kind: 'select', label: t.type, required: true, initial: usualType, options: types.map(typeOption) },
    { name: 'count', kind: 'number', label: t.count, initial: '1', min: 1, max: 100, required: true },
    {
      name: 'key',
      kind: 'select',
      label: t.keyPair,
      initial: '',
      options: [{ value: '', label: t.noKeyPair }, ...keys.map(({ KeyName }) => ({ value: KeyName! }))],
    },
    {
      name: 'subnet',
      kind: 'select',
      label: t.subnet,
      section: t.network,
      initial: '',
      options: [
        { value: '', label: t.defaultSubnet },
        ...subnets.map((subnet) => ({
          value: subnet.SubnetId!,
          label: titled(subnet.SubnetId!, subnet),
          description: `${subnet.AvailabilityZone} · ${subnet.CidrBlock} · ${subnet.VpcId}`,
        })),
      ],
    },
    {
      name: 'groups',
      kind: 'multiselect',
      label: t.groups,
      description: t.groupsHint,
      options: groups.map(({ GroupId, GroupName, VpcId }) => ({
        value: GroupId!,
        label: `${GroupName} (${GroupId})`,
        description: VpcId!,
      })),
    },
    {
      name: 'userData',
      kind: 'textarea',
      label: t.userData,
      description: t.userDataHint,
      placeholder: '#!/bin/sh',
      section: t.advanced,
      check: (value) => (new TextEncoder().encode(value).length > userDataBytesMax ? t.userDataFault : undefined),
    },
  ];
}

function actionsOf(values: Values): Action[] {
  const name = read.text(values, 'name');
  const count = read.number(values, 'count') ?? 1;
  const image = read.text(values, 'image');
  const type = read.text(values, 'type');
  const key = read.text(values, 'key');
  const subnet = read.text(values, 'subnet');
  const groups = [...read.list(values, 'groups')];
  const userData = read.text(values, 'userData');
  const command = new RunInstancesCommand({
    ImageId: image,
    InstanceType: type as _InstanceType,
    MinCount: count,
    MaxCount: count,
    ...(key && { KeyName: key }),
    ...(subnet && { SubnetId: subnet }),
    ...(groups.length > 0 && { SecurityGroupIds: groups }),
    ...(userData && { UserData: base64(new TextEncoder().encode(userData)) }),
    ...tagged('instance', name),
  });
  const body = {
    count: count > 1 ? count : undefined,
    ami: image,
    instance_type: type,
    key_name: key,
    subnet_id: subnet,
    vpc_security_group_ids: groups.length > 0 ? groups : undefined,
    user_data: userData,
    tags: terraformTags(name),
  };
  return [{ service: 'ec2', operation: 'RunInstances', command, terraform: [{ type: 'aws_instance', name: name ?? 'this', body }] }];
}

export function LaunchInstances() {
  const t = useText(messages);
  const answer = useAnswer(loadChoices, []);
  if (!answer.value) return <DetailPage name={t.launch} answer={answer} />;
  return (
    <ActionForm
      title={t.launch}
      description={t.launchText}
      fields={fieldsOf(t, answer.value)}
      submit={t.launch}
      actionsOf={actionsOf}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'instances']))}
      onDone={([output]) => {
        const made = (output as RunInstancesCommandOutput).Instances ?? [];
        const ids = made.map(({ InstanceId }) => InstanceId!);
        notify({ type: 'success', content: fill(t.launched, { ids: ids.join(', ') }) });
        goTo(hrefOf(ids.length === 1 ? ['ec2', 'instances', ids[0]!] : ['ec2', 'instances']));
      }}
    >
      {(values) => <LaunchPrice type={read.text(values, 'type') ?? usualType} count={read.number(values, 'count') ?? 1} />}
    </ActionForm>
  );
}
