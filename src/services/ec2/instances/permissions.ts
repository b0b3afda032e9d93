/** What the operations on instances ask to be allowed. */

import type { Authorizer, Check, ConditionContext } from '../../../framework/authorization.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { imageType } from '../images/image.ts';
import { keyPairType } from '../key-pairs/key-pair.ts';
import { withTemplate, type TemplatedLaunch } from '../launch-templates/launch.ts';
import { launchTemplateType } from '../launch-templates/launch-template.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { anywhere, checksOn, on, type Target } from '../permissions.ts';
import { placementGroupType } from '../placement-groups/placement-group.ts';
import { resourceArn } from '../resource.ts';
import type { Ec2, Input } from '../sdk.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { spotService } from '../spot-requests/launch.ts';
import { spotRequestType } from '../spot-requests/spot-request.ts';
import { snapshotType } from '../snapshots/snapshot.ts';
import { subnetType } from '../subnets/subnet.ts';
import { associatedWith, instanceType } from './instance.ts';
import { isImageAlias } from './launch-image.ts';

const onInstances = on<{ InstanceIds: string[] }>((input) => [[instanceType, input.InstanceIds]]);
const onInstance = on<{ InstanceId: string }>((input) => [[instanceType, input.InstanceId]]);

/** The action on all that it makes and uses: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances */
const onRun: Authorizer<Input<'RunInstances'>> = async (request, given) => {
  const { input, launched } = await templated(request, given);
  const { region, account } = request;
  const tagsFor = (name: string) => tagsOf(input.TagSpecifications?.find((one) => one.ResourceType === name)?.Tags);
  const made = (name: string, context: Record<string, string | undefined>): Check[] => {
    const tags = tagsFor(name);
    const own = { 'ec2:Region': region, ...context, ...requestTagContext(tags) };
    const resource = resourceArn({ name }, request, '*');
    const check: Check = { action: 'ec2:RunInstances', resource, context: own };
    return tags.length === 0
      ? [check]
      : [check, { action: 'ec2:CreateTags', resource, context: { ...own, 'ec2:CreateAction': 'RunInstances' } }];
  };
  const profile = input.IamInstanceProfile;
  const profileArn = profile?.Arn ?? (profile?.Name === undefined ? undefined : `arn:aws:iam::${account}:instance-profile/${profile.Name}`);
  const interfaces = input.NetworkInterfaces ?? [];
  const groups = [...(input.SecurityGroupIds ?? []), ...interfaces.flatMap((one) => one.Groups ?? [])];
  const subnets = [input.SubnetId, ...interfaces.map((one) => one.SubnetId)].filter((id) => id !== undefined);
  const used: Target[] = [
    [subnetType, subnets],
    [securityGroupType, groups],
    [networkInterfaceType, interfaces.map((one) => one.NetworkInterfaceId).filter((id) => id !== undefined)],
    [launchTemplateType, launched?.template],
    [snapshotType, (input.BlockDeviceMappings ?? []).map((one) => one.Ebs?.SnapshotId).filter((id) => id !== undefined)],
  ];
  const anonymous = (name: string, id: string): Check => ({
    ...{ action: 'ec2:RunInstances', resource: resourceArn({ name }, request, id), context: { 'ec2:Region': region } },
  });
  return [
    ...made('instance', {
      'ec2:InstanceType': input.InstanceType,
      'ec2:InstanceMarketType': marketType(request, input),
      'ec2:Tenancy': input.Placement?.Tenancy ?? 'default',
      'ec2:MetadataHttpTokens': input.MetadataOptions?.HttpTokens,
      'ec2:InstanceProfile': profileArn,
      'ec2:LaunchTemplate': launched && resourceArn(launchTemplateType, request, launched.template),
    }),
    ...made('volume', {}),
    ...(input.InstanceMarketOptions?.MarketType === 'spot' ? made(spotRequestType.name, {}) : []),
    ...(interfaces.every((one) => one.NetworkInterfaceId === undefined) ? made('network-interface', {}) : []),
    // Images are Amazon's or shared as often as one's own: their ARNs name no account.
    {
      action: 'ec2:RunInstances',
      resource: `arn:aws:ec2:${region}::image/${isImageAlias(input.ImageId) ? '*' : (input.ImageId ?? '*')}`,
      context: { 'ec2:Region': region },
    },
    ...(input.KeyName === undefined ? [] : [anonymous(keyPairType.name, input.KeyName)]),
    ...(input.Placement?.GroupName ? [anonymous(placementGroupType.name, input.Placement.GroupName)] : []),
    ...(await checksOn(request, used)),
  ];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html: `ec2:NewInstanceProfile` */
const profileContext = ({ account }: ServiceRequest, given: { Arn?: string | undefined; Name?: string | undefined } | undefined) => ({
  'ec2:NewInstanceProfile':
    given?.Arn ?? (given?.Name === undefined ? undefined : `arn:aws:iam::${account}:instance-profile/${given.Name}`),
});

const onProfile: Authorizer<Input<'AssociateIamInstanceProfile'>> = (request, input) =>
  checksOn(request, [[instanceType, input.InstanceId]], profileContext(request, input.IamInstanceProfile));

/** About the instance that has the association; of one that is not there, about any. */
async function onAssociation(request: ServiceRequest, association: string, context: ConditionContext = {}): Promise<readonly Check[]> {
  const row = await request.store.read((tx) => associatedWith(tx, request, association));
  return checksOn(request, [[instanceType, row?.id ?? '*']], context);
}

const marketType = ({ via }: ServiceRequest, input: Input<'RunInstances'>): string =>
  input.InstanceMarketOptions?.MarketType === 'spot' || via.includes(spotService) ? 'spot' : 'on-demand';

/** With what its template says; a template that is not there is the operation's to refuse. */
async function templated(request: ServiceRequest, given: Input<'RunInstances'>): Promise<TemplatedLaunch> {
  try {
    return await request.store.read((tx) => withTemplate(tx, request, given));
  } catch (error) {
    if (error instanceof AwsError) return { input: given };
    throw error;
  }
}

const onAttribute = on<{ InstanceId: string; Groups?: string[] | undefined }>((input) => [
  [instanceType, input.InstanceId],
  [securityGroupType, input.Groups],
]);

export const instancePermissions: ServiceDefinition<Ec2>['authorize'] = {
  RunInstances: onRun,
  DescribeInstances: anywhere,
  DescribeInstanceStatus: anywhere,
  StartInstances: onInstances,
  StopInstances: onInstances,
  RebootInstances: onInstances,
  TerminateInstances: onInstances,
  MonitorInstances: onInstances,
  UnmonitorInstances: onInstances,
  DescribeInstanceAttribute: onInstance,
  ModifyInstanceAttribute: onAttribute,
  ModifyInstanceMaintenanceOptions: onInstance,
  ModifyInstanceMetadataOptions: onInstance,
  GetPasswordData: onInstance,
  GetConsoleOutput: onInstance,
  GetConsoleScreenshot: onInstance,
  DescribeInstanceCreditSpecifications: anywhere,
  GetDefaultCreditSpecification: anywhere,
  ModifyDefaultCreditSpecification: anywhere,
  AssociateIamInstanceProfile: onProfile,
  DescribeIamInstanceProfileAssociations: anywhere,
  ReplaceIamInstanceProfileAssociation: (request, input) =>
    onAssociation(request, input.AssociationId, profileContext(request, input.IamInstanceProfile)),
  DisassociateIamInstanceProfile: (request, input) => onAssociation(request, input.AssociationId),
  ModifyInstanceCreditSpecification: on((input) => [
    [instanceType, (input.InstanceCreditSpecifications ?? []).map((one) => one.InstanceId).filter((id) => id !== undefined)],
  ]),
};

const onImage = on<{ ImageId: string }>((input) => [[imageType, input.ImageId]]);

export const imagePermissions: ServiceDefinition<Ec2>['authorize'] = {
  DescribeImages: anywhere,
  RegisterImage: anywhere,
  EnableImageDeprecation: onImage,
  DisableImageDeprecation: onImage,
  EnableImage: onImage,
  DisableImage: onImage,
  ResetImageAttribute: onImage,
  DeregisterImage: onImage,
  DescribeImageAttribute: onImage,
  ModifyImageAttribute: onImage,
};
