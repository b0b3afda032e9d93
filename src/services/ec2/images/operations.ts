/** Images: register, deregister, and who may launch them. */

import type { SnapshotReturnCodes } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { incorrectState, invalidBlockDeviceMapping, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { checkDevice } from '../instances/launch-disks.ts';
import { discardImage } from '../recycle-bin/bin.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { mappingOf } from './description.ts';
import { imageNameDuplicate, images, imageType, type BlockMapping } from './image.ts';
import { newMapping } from './mappings.ts';

/** 3 to 128 characters: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html */
export function checkImageName(name: string | undefined): string {
  if (name === undefined) throw missingParameter('Name');
  if (!/^[A-Za-z0-9 ()[\]./\-'@_]{3,128}$/.test(name))
    throw refusal('InvalidAMIName.Malformed')(
      `AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'`,
    );
  return name;
}

export async function refuseTakenName(tx: ReadTransaction, account: string, region: string, name: string): Promise<void> {
  const taken = await images.find(tx, 'name', account, region, name);
  if (taken) throw imageNameDuplicate(name, taken.id);
}

const registerBuilt = new Set([
  ...['Name', 'Description', 'Architecture', 'RootDeviceName', 'BlockDeviceMappings', 'VirtualizationType', 'EnaSupport'],
  ...['SriovNetSupport', 'TagSpecifications', 'DryRun', 'BootMode', 'ImdsSupport'],
]);

export const RegisterImage: Operation<'RegisterImage'> = async (request, input) => {
  const unbuilt = Object.entries(input).find(([name, value]) => value !== undefined && !registerBuilt.has(name));
  if (unbuilt) throw notBuilt('RegisterImage', unbuilt[0]);
  if (input.VirtualizationType !== undefined && input.VirtualizationType !== 'hvm')
    throw notBuilt('RegisterImage', `VirtualizationType ${input.VirtualizationType}`);
  const name = checkImageName(input.Name);
  const device = input.RootDeviceName ?? '/dev/sda1';
  const root = input.BlockDeviceMappings?.find((one) => one.DeviceName === device);
  if (!root?.Ebs?.SnapshotId) throw invalidParameterValue(`No snapshot is given for the root device ${device}`);
  const tags = tagsFor(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const { account, region, now } = request;
  const id = newId(request.random, 'ami');
  await request.store.write(async (tx) => {
    await refuseTakenName(tx, account, region, name);
    const mappings: BlockMapping[] = [];
    let hostImage: string | undefined;
    for (const { DeviceName: name, Ebs = {}, VirtualName, NoDevice } of input.BlockDeviceMappings ?? []) {
      if (name === undefined) throw missingParameter('BlockDeviceMapping.DeviceName');
      checkDevice(name);
      // Disks of the host come with the type of the instance that is launched.
      if (VirtualName !== undefined || NoDevice !== undefined) continue;
      const { mapping, snapshot } = await newMapping(tx, request, 'RegisterImage', name, Ebs);
      if (mappings.some((one) => one.device === name)) throw invalidBlockDeviceMapping(`Duplicate device name ${name}`);
      if (name === device) hostImage = snapshot?.hostImage;
      mappings.push(mapping);
    }
    if (hostImage === undefined) throw notBuilt('RegisterImage', 'a root snapshot that does not come from an instance of this cloud');
    await images.put(tx, {
      ...{ account, region, id, name, created: now, state: 'available', rootDevice: device, mappings, hostImage },
      architecture: input.Architecture === 'arm64' ? 'arm64' : 'x86_64',
      ...(input.Description !== undefined && { description: input.Description }),
      ...kept(tags),
    });
  });
  return { ImageId: id };
};

export const DeregisterImage: Operation<'DeregisterImage'> = async (request, input) => {
  const { mappings } = await request.store.write(async (tx) => {
    const image = await requireResource(tx, request, imageType, input.ImageId);
    await discardImage(tx, image, request.now);
    return image;
  });
  if (!input.DeleteAssociatedSnapshots) return { Return: true };
  const DeleteSnapshotResults = [];
  for (const { volume } of mappings)
    if (volume.snapshot !== undefined)
      DeleteSnapshotResults.push({ SnapshotId: volume.snapshot, ReturnCode: await deletedAs(request, volume.snapshot) });
  return { Return: true, DeleteSnapshotResults };
};

/** As the caller, who may not be allowed to; one that another image is made of stays. */
async function deletedAs(request: ServiceRequest, SnapshotId: string): Promise<SnapshotReturnCodes> {
  try {
    await request.aws.ec2('DeleteSnapshot', { SnapshotId });
    return 'success';
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    if (error.code === 'InvalidSnapshot.InUse') return 'skipped';
    return error.code === 'UnauthorizedOperation' ? 'missing-permissions' : 'client-error';
  }
}

export const DescribeImageAttribute: Operation<'DescribeImageAttribute'> = async (request, input) => {
  const image = await request.store.read((tx) => requireResource(tx, request, imageType, input.ImageId));
  const ImageId = image.id;
  switch (input.Attribute) {
    case 'description':
      return { ImageId, Description: { Value: image.description ?? '' } };
    case 'launchPermission':
      return {
        ImageId,
        LaunchPermissions: [...(image.public ? [{ Group: 'all' as const }] : []), ...(image.launchers ?? []).map((UserId) => ({ UserId }))],
      };
    case 'blockDeviceMapping':
      return { ImageId, BlockDeviceMappings: image.mappings.map(mappingOf) };
    default:
      throw notBuilt('DescribeImageAttribute', `Attribute ${input.Attribute}`);
  }
};

export const ModifyImageAttribute: Operation<'ModifyImageAttribute'> = async (request, input) => {
  if (input.Attribute !== undefined && !['description', 'launchPermission'].includes(input.Attribute))
    throw notBuilt('ModifyImageAttribute', `Attribute ${input.Attribute}`);
  const description = input.Description?.Value ?? (input.Attribute === 'description' ? input.Value : undefined);
  const { add, remove } = permissionChanges(input);
  await request.store.write(async (tx) => {
    const image = await requireResource(tx, request, imageType, input.ImageId);
    if (image.state === 'disabled' && add.length > 0) throw incorrectState(`The image '${image.id}' is disabled and cannot be shared`);
    const launchers = new Set(image.launchers);
    for (const { UserId } of remove) if (UserId !== undefined) launchers.delete(UserId);
    for (const { UserId } of add) if (UserId !== undefined) launchers.add(checkAccount(UserId));
    const opened = add.some(({ Group }) => Group === 'all');
    const closed = remove.some(({ Group }) => Group === 'all');
    await images.put(tx, {
      ...image,
      public: opened || (image.public === true && !closed),
      launchers: [...launchers],
      ...(description !== undefined && { description }),
    });
  });
  return {};
};

type Permission = { UserId?: string | undefined; Group?: string | undefined };

/** The newer form names what to add and remove; the older one names an operation and lists. */
function permissionChanges(input: Input<'ModifyImageAttribute'>): { add: Permission[]; remove: Permission[] } {
  const { LaunchPermission: given, OperationType: operation } = input;
  const listed = [...(input.UserIds ?? []).map((UserId) => ({ UserId })), ...(input.UserGroups ?? []).map((Group) => ({ Group }))];
  const unbuilt = [...(given?.Add ?? []), ...(given?.Remove ?? [])].some((one) => one.OrganizationArn ?? one.OrganizationalUnitArn);
  if (unbuilt) throw notBuilt('ModifyImageAttribute', 'LaunchPermission for an organization');
  return {
    add: given?.Add ?? (operation === 'add' ? listed : []),
    remove: given?.Remove ?? (operation === 'remove' ? listed : []),
  };
}

function checkAccount(id: string): string {
  if (!/^\d{12}$/.test(id)) throw refusal('InvalidAMIAttributeItemValue')(`Invalid attribute item value "${id}" for userId item type.`);
  return id;
}
