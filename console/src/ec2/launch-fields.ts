/** What a launch is asked for: the fields that the form of launches and that of launch templates share, and the call that they say. */

import {
  DescribeImagesCommand,
  DescribeInstanceTypesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type Image,
  type InstanceTypeInfo,
  type KeyPairInfo,
  type RunInstancesCommandInput,
  type SecurityGroup,
  type Subnet,
  type VolumeType,
  type _InstanceType,
} from '@aws-sdk/client-ec2';
import { IAMClient, ListInstanceProfilesCommand, type InstanceProfile } from '@aws-sdk/client-iam';
import { base64 } from '../from-shell/cli.ts';
import type { TerraformValue } from '../from-shell/action.ts';
import { read, type Field, type Option, type Values } from '../resource/fields.ts';
import { clientOf } from '../session/clients.ts';
import { ec2, titled } from './client.ts';
import type { messages } from './messages.ts';
import type { messages as launchMessages } from './messages-launch.ts';

type Texts = (typeof messages)['en'] & (typeof launchMessages)['en'];

export type LaunchChoices = {
  images: readonly Image[];
  types: readonly InstanceTypeInfo[];
  keys: readonly KeyPairInfo[];
  subnets: readonly Subnet[];
  groups: readonly SecurityGroup[];
  profiles: readonly InstanceProfile[];
};

export const usualType = 't3.micro';
const userDataBytesMax = 16_384;
const volumeGibMax = 65_536;
const rootTypes: readonly VolumeType[] = ['gp3', 'gp2', 'io1', 'io2', 'standard'];
const iam = clientOf(IAMClient);

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

export async function loadLaunchChoices(): Promise<LaunchChoices> {
  // Whoever may launch may not see all there is to choose from; what is hidden is not offered.
  const hidden = (): never[] => [];
  const [images, types, keys, subnets, groups, profiles] = await Promise.all([
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
    iam()
      .send(new ListInstanceProfilesCommand({}))
      .then(({ InstanceProfiles = [] }) => InstanceProfiles, hidden),
  ]);
  return { images, types, keys, subnets, groups, profiles };
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

/** In a template nothing has to be said. */
export function imageAndType(t: Texts, { images, types }: LaunchChoices, inTemplate: boolean): Field[] {
  const none = inTemplate ? [{ value: '', label: t.notInTemplate }] : [];
  const first = inTemplate ? { initial: '' } : {};
  return [
    { name: 'image', kind: 'select', label: t.image, required: !inTemplate, ...first, options: [...none, ...images.map(imageOption)] },
    {
      ...{ name: 'type', kind: 'select', label: t.type, required: !inTemplate, initial: inTemplate ? '' : usualType },
      options: [...none, ...types.map(typeOption)],
    },
  ];
}

const named = (value: string, label: string): Option => ({ value, label });

function networkFields(t: Texts, { subnets, groups }: LaunchChoices): Field[] {
  return [
    {
      ...{ name: 'subnet', kind: 'select', label: t.subnet, section: t.network, initial: '' },
      options: [
        named('', t.defaultSubnet),
        ...subnets.map((subnet) => ({
          value: subnet.SubnetId!,
          label: titled(subnet.SubnetId!, subnet),
          description: `${subnet.AvailabilityZone} · ${subnet.CidrBlock} · ${subnet.VpcId}`,
        })),
      ],
    },
    {
      ...{ name: 'public', kind: 'select', label: t.publicAddress, initial: '' },
      options: [named('', t.asSubnet), named('yes', t.yes), named('no', t.no)],
    },
    {
      ...{ name: 'groups', kind: 'multiselect', label: t.groups, description: t.groupsHint },
      options: groups.map(({ GroupId, GroupName, VpcId }) => ({
        value: GroupId!,
        label: `${GroupName} (${GroupId})`,
        description: VpcId!,
      })),
    },
  ];
}

const storageFields = (t: Texts): Field[] => [
  {
    ...{ name: 'rootSize', kind: 'number', label: t.rootSize, description: t.rootSizeHint, min: 1, max: volumeGibMax },
    section: t.storage,
  },
  {
    ...{ name: 'rootType', kind: 'select', label: t.rootType, initial: '' },
    options: [named('', t.asImage), ...rootTypes.map((value) => ({ value }))],
  },
  { name: 'keepRoot', kind: 'toggle', label: t.keepRoot },
  { name: 'encryptRoot', kind: 'toggle', label: t.encryptRoot },
];

const advancedFields = (t: Texts, { profiles }: LaunchChoices): Field[] => [
  {
    ...{ name: 'buying', kind: 'select', label: t.buying, initial: '', section: t.advanced },
    options: [named('', t.onDemand), named('spot', t.spot)],
  },
  {
    ...{ name: 'profile', kind: 'select', label: t.profile, description: t.profileHint, initial: '' },
    options: [named('', t.noProfile), ...profiles.map(({ InstanceProfileName }) => ({ value: InstanceProfileName! }))],
  },
  {
    ...{ name: 'shutdown', kind: 'select', label: t.shutdown, initial: '' },
    options: [named('', t.stops), named('terminate', t.terminates)],
  },
  { name: 'protect', kind: 'toggle', label: t.protect },
  { name: 'monitoring', kind: 'toggle', label: t.monitoring },
  {
    ...{ name: 'metadata', kind: 'select', label: t.metadata, initial: '' },
    options: [named('', t.metadataBoth), named('required', t.metadataTokens)],
  },
  {
    ...{ name: 'userData', kind: 'textarea', label: t.userData, description: t.userDataHint, placeholder: '#!/bin/sh' },
    check: (value) => (new TextEncoder().encode(value).length > userDataBytesMax ? t.userDataFault : undefined),
  },
];

/** Key, network, storage and what is advanced: all that follows the image and the type. */
export const furtherFields = (t: Texts, choices: LaunchChoices): Field[] => [
  {
    ...{ name: 'key', kind: 'select', label: t.keyPair, initial: '' },
    options: [named('', t.noKeyPair), ...choices.keys.map(({ KeyName }) => ({ value: KeyName! }))],
  },
  ...networkFields(t, choices),
  ...storageFields(t),
  ...advancedFields(t, choices),
];

export type LaunchInput = Omit<RunInstancesCommandInput, 'MinCount' | 'MaxCount'>;

/** `inTemplate`: a template names a subnet with an interface only. */
function placeOf(values: Values, inTemplate: boolean): LaunchInput {
  const [SubnetId, address] = [read.text(values, 'subnet'), read.text(values, 'public')];
  const groups = [...read.list(values, 'groups')];
  if (address === undefined && !(inTemplate && SubnetId !== undefined))
    return { ...(SubnetId && { SubnetId }), ...(groups.length > 0 && { SecurityGroupIds: groups }) };
  return {
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        ...(SubnetId && { SubnetId }),
        ...(groups.length > 0 && { Groups: groups }),
        ...(address && { AssociatePublicIpAddress: address === 'yes' }),
      },
    ],
  };
}

function rootOf(values: Values, { images }: LaunchChoices): LaunchInput {
  const [VolumeSize, VolumeType] = [read.number(values, 'rootSize'), read.text(values, 'rootType') as VolumeType | undefined];
  const Ebs = {
    ...(VolumeSize !== undefined && { VolumeSize }),
    ...(VolumeType && { VolumeType }),
    ...(read.flag(values, 'keepRoot') && { DeleteOnTermination: false }),
    ...(read.flag(values, 'encryptRoot') && { Encrypted: true }),
  };
  if (Object.keys(Ebs).length === 0) return {};
  const image = images.find(({ ImageId }) => ImageId === values['image']);
  return { BlockDeviceMappings: [{ DeviceName: image?.RootDeviceName ?? '/dev/xvda', Ebs }] };
}

export function launchInputOf(values: Values, choices: LaunchChoices, inTemplate = false): LaunchInput {
  const text = (name: string): string | undefined => read.text(values, name);
  const [image, type, key, profile] = [text('image'), text('type') as _InstanceType | undefined, text('key'), text('profile')];
  const userData = text('userData');
  return {
    ...(image && { ImageId: image }),
    ...(type && { InstanceType: type }),
    ...(key && { KeyName: key }),
    ...placeOf(values, inTemplate),
    ...rootOf(values, choices),
    ...(text('buying') === 'spot' && { InstanceMarketOptions: { MarketType: 'spot' } }),
    ...(profile && { IamInstanceProfile: { Name: profile } }),
    ...(text('shutdown') === 'terminate' && { InstanceInitiatedShutdownBehavior: 'terminate' }),
    ...(read.flag(values, 'protect') && { DisableApiTermination: true }),
    ...(read.flag(values, 'monitoring') && { Monitoring: { Enabled: true } }),
    ...(text('metadata') === 'required' && { MetadataOptions: { HttpTokens: 'required' } }),
    ...(userData && { UserData: base64(new TextEncoder().encode(userData)) }),
  };
}

type Body = Record<string, TerraformValue>;

/** What `aws_instance` and `aws_launch_template` say alike. */
export function terraformOfLaunch(input: LaunchInput): Body {
  return {
    instance_type: input.InstanceType,
    key_name: input.KeyName,
    vpc_security_group_ids: input.SecurityGroupIds,
    instance_initiated_shutdown_behavior: input.InstanceInitiatedShutdownBehavior,
    disable_api_termination: input.DisableApiTermination,
    metadata_options: input.MetadataOptions && [{ http_tokens: input.MetadataOptions.HttpTokens }],
    instance_market_options: input.InstanceMarketOptions && [{ market_type: input.InstanceMarketOptions.MarketType }],
  };
}

/** As `aws_instance` has them, where they stand alone. */
export function terraformOfInstance(input: LaunchInput, userData: string | undefined): Body {
  const [nic, disk] = [input.NetworkInterfaces?.[0], input.BlockDeviceMappings?.[0]?.Ebs];
  return {
    ...{ ami: input.ImageId, ...terraformOfLaunch(input), user_data: userData, monitoring: input.Monitoring?.Enabled },
    ...(nic?.Groups && { vpc_security_group_ids: nic.Groups }),
    ...{ subnet_id: input.SubnetId ?? nic?.SubnetId, associate_public_ip_address: nic?.AssociatePublicIpAddress },
    iam_instance_profile: input.IamInstanceProfile?.Name,
    root_block_device: disk && [diskOf(disk)],
  };
}

type Disk = NonNullable<NonNullable<LaunchInput['BlockDeviceMappings']>[number]['Ebs']>;

const diskOf = (disk: Disk): Body => ({
  ...{ volume_size: disk.VolumeSize, volume_type: disk.VolumeType, encrypted: disk.Encrypted },
  delete_on_termination: disk.DeleteOnTermination,
});

/** As `aws_launch_template` has them, in blocks. */
export function terraformOfTemplate(input: LaunchInput): Body {
  const [nic, disk] = [input.NetworkInterfaces?.[0], input.BlockDeviceMappings?.[0]];
  return {
    ...{ image_id: input.ImageId, ...terraformOfLaunch(input), user_data: input.UserData },
    monitoring: input.Monitoring && [{ enabled: input.Monitoring.Enabled }],
    iam_instance_profile: input.IamInstanceProfile && [{ name: input.IamInstanceProfile.Name }],
    network_interfaces: nic && [
      {
        ...{ device_index: 0, subnet_id: nic.SubnetId, security_groups: nic.Groups },
        associate_public_ip_address: nic.AssociatePublicIpAddress,
      },
    ],
    block_device_mappings: disk?.Ebs && [{ device_name: disk.DeviceName, ebs: [diskOf(disk.Ebs)] }],
  };
}
