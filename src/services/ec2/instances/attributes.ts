/** Attributes of an instance: asked for and changed one at a time; and what it wrote to its console. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt, unsupportedOperation } from '../errors.ts';
import { launchedType } from '../instance-types/instance-type.ts';
import { checkedGroups } from '../network-interfaces/making.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { volumes, volumesOfInstance } from '../volumes/volume.ts';
import { completeInstance, instanceOf, metadataOptionsOf } from './description.ts';
import { incorrectInstanceState, instances, instanceType, userData, type Instance } from './instance.ts';
import { autoRecoveryOf, checkUserData, metadataOptions } from './launch-settings.ts';

export const DescribeInstanceAttribute: Operation<'DescribeInstanceAttribute'> = async (request, input) => {
  const { row, shown, data } = await request.store.read(async (tx) => {
    const found = await requireResource(tx, request, instanceType, input.InstanceId);
    return { row: found, shown: instanceOf(await completeInstance(tx, found)), data: (await userData.get(tx, found.id))?.data };
  });
  const InstanceId = row.id;
  switch (input.Attribute) {
    case 'instanceType':
      return { InstanceId, InstanceType: { Value: row.type } };
    case 'userData':
      return { InstanceId, UserData: data === undefined ? {} : { Value: data } };
    case 'disableApiTermination':
      return { InstanceId, DisableApiTermination: { Value: row.terminationProtection } };
    case 'disableApiStop':
      return { InstanceId, DisableApiStop: { Value: row.stopProtection } };
    case 'instanceInitiatedShutdownBehavior':
      return { InstanceId, InstanceInitiatedShutdownBehavior: { Value: row.shutdownBehavior } };
    case 'rootDeviceName':
      return { InstanceId, RootDeviceName: { Value: row.rootDevice } };
    case 'blockDeviceMapping':
      return { InstanceId, BlockDeviceMappings: shown.BlockDeviceMappings };
    case 'sourceDestCheck':
      return { InstanceId, SourceDestCheck: { Value: 'SourceDestCheck' in shown ? shown.SourceDestCheck : true } };
    case 'groupSet':
      return { InstanceId, Groups: shown.SecurityGroups };
    case 'ebsOptimized':
      return { InstanceId, EbsOptimized: { Value: row.ebsOptimized } };
    case 'enaSupport':
      return { InstanceId, EnaSupport: { Value: true } };
    case 'kernel':
    case 'ramdisk':
    case 'productCodes':
    case 'sriovNetSupport':
      return { InstanceId };
    default:
      throw notBuilt('DescribeInstanceAttribute', `Attribute ${input.Attribute}`);
  }
};

const modifiable = [
  ...['InstanceType', 'UserData', 'DisableApiTermination', 'DisableApiStop', 'InstanceInitiatedShutdownBehavior', 'SourceDestCheck'],
  ...['Groups', 'EbsOptimized', 'BlockDeviceMappings'],
] as const;

/** One attribute a call: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html */
export const ModifyInstanceAttribute: Operation<'ModifyInstanceAttribute'> = async (request, input) => {
  const wanted = named(input);
  const given = Object.entries(wanted).filter(([name, value]) => value !== undefined && name !== 'InstanceId' && name !== 'DryRun');
  const unbuilt = given.find(([name]) => !(modifiable as readonly string[]).includes(name));
  if (unbuilt) throw notBuilt('ModifyInstanceAttribute', unbuilt[0]);
  if (given.length > 1) throw invalidParameterCombination('Fields for multiple attribute types specified');
  if (given.length === 0) throw missingParameter('attribute');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, instanceType, input.InstanceId);
    if (row.state === 'terminated') throw incorrectInstanceState(`The instance '${row.id}' is terminated.`);
    await modify(tx, request, row, wanted);
  });
  return {};
};

/** The older form names an attribute and a text. */
function named({
  Attribute: name,
  Value: value,
  ...input
}: Input<'ModifyInstanceAttribute'>): Omit<Input<'ModifyInstanceAttribute'>, 'Attribute' | 'Value'> {
  if (name === undefined) return input;
  const flag = { Value: value === 'true' };
  switch (name) {
    case 'instanceType':
      return { ...input, InstanceType: { Value: value } };
    case 'userData':
      return { ...input, UserData: { Value: Buffer.from(value ?? '', 'base64') } };
    case 'disableApiTermination':
      return { ...input, DisableApiTermination: flag };
    case 'disableApiStop':
      return { ...input, DisableApiStop: flag };
    case 'instanceInitiatedShutdownBehavior':
      return { ...input, InstanceInitiatedShutdownBehavior: { Value: value } };
    case 'sourceDestCheck':
      return { ...input, SourceDestCheck: flag };
    case 'ebsOptimized':
      return { ...input, EbsOptimized: flag };
    default:
      throw notBuilt('ModifyInstanceAttribute', `Attribute ${name}`);
  }
}

type Wanted = ReturnType<typeof named>;

async function modify(tx: WriteTransaction, request: ServiceRequest, row: Instance, wanted: Wanted): Promise<void> {
  const stopped = (attribute: string): void => {
    if (row.state !== 'stopped')
      throw incorrectInstanceState(`The instance '${row.id}' is not in the 'stopped' state; its ${attribute} cannot be changed.`);
  };
  if (wanted.InstanceType) {
    stopped('instance type');
    const type = launchedType(wanted.InstanceType.Value ?? '');
    if (!type.architectures.includes(row.architecture))
      throw invalidParameterValue(`The architecture of ${type.name} does not match that of the instance`);
    return instances.put(tx, { ...row, type: type.name });
  }
  if (wanted.UserData) {
    stopped('user data');
    const data = Buffer.from(wanted.UserData.Value ?? '').toString('base64');
    checkUserData(data);
    return data === '' ? userData.delete(tx, row.id) : userData.put(tx, { instance: row.id, data });
  }
  if (wanted.DisableApiTermination)
    return instances.put(tx, { ...row, terminationProtection: wanted.DisableApiTermination.Value ?? false });
  if (wanted.DisableApiStop) return instances.put(tx, { ...row, stopProtection: wanted.DisableApiStop.Value ?? false });
  if (wanted.EbsOptimized) {
    stopped('EBS optimization');
    return instances.put(tx, { ...row, ebsOptimized: wanted.EbsOptimized.Value ?? false });
  }
  if (wanted.InstanceInitiatedShutdownBehavior) {
    const behavior = wanted.InstanceInitiatedShutdownBehavior.Value;
    if (behavior !== 'stop' && behavior !== 'terminate')
      throw invalidParameterValue(`Value (${behavior}) for parameter instanceInitiatedShutdownBehavior is invalid.`);
    return instances.put(tx, { ...row, shutdownBehavior: behavior });
  }
  if (wanted.BlockDeviceMappings) return keepOrDelete(tx, row, wanted.BlockDeviceMappings);
  return modifyInterface(tx, request, row, wanted);
}

/** Whether volumes go with the instance. */
async function keepOrDelete(tx: WriteTransaction, row: Instance, mappings: NonNullable<Wanted['BlockDeviceMappings']>): Promise<void> {
  const attached = await volumesOfInstance(tx, row);
  for (const { DeviceName: device, Ebs } of mappings) {
    const found = attached.find((volume) => volume.attachments.some((one) => one.instance === row.id && one.device === device));
    if (!found) throw invalidParameterValue(`No device is currently mapped at ${device}`);
    const attachments = found.attachments.map((one) =>
      one.instance === row.id ? { ...one, deleteOnTermination: Ebs?.DeleteOnTermination ?? one.deleteOnTermination } : one,
    );
    await volumes.put(tx, { ...found, attachments });
  }
}

async function modifyInterface(
  tx: WriteTransaction,
  request: ServiceRequest,
  row: Instance,
  { Groups, SourceDestCheck }: Wanted,
): Promise<void> {
  const found = await networkInterfaces.scanIndex(tx, 'instance', [row.account, row.region, row.id]);
  const primary = found[0]?.row;
  if (!primary) throw incorrectInstanceState(`The instance '${row.id}' has no network interface.`);
  if (found.length > 1) throw refusalForMany(row.id);
  await networkInterfaces.put(tx, {
    ...primary,
    ...(Groups && { groups: await checkedGroups(tx, request, primary.vpc, Groups) }),
    ...(SourceDestCheck && { sourceDestCheck: SourceDestCheck.Value ?? true }),
  });
}

const refusalForMany = (id: string) =>
  invalidParameterCombination(
    `There are multiple interfaces attached to instance '${id}'. Please specify an interface ID for the operation instead.`,
  );

export const ModifyInstanceMetadataOptions: Operation<'ModifyInstanceMetadataOptions'> = async (request, input) => {
  const { InstanceId, DryRun: _dry, ...given } = input;
  const row = await request.store.write(async (tx) => {
    const present = await requireResource(tx, request, instanceType, InstanceId);
    const next = { ...present, metadata: metadataOptions(given, present.metadata) };
    await instances.put(tx, next);
    return next;
  });
  return { InstanceId, InstanceMetadataOptions: metadataOptionsOf(row) };
};

export const ModifyInstanceMaintenanceOptions: Operation<'ModifyInstanceMaintenanceOptions'> = async (request, input) => {
  const { InstanceId, AutoRecovery: given } = input;
  if (input.RebootMigration !== undefined) throw notBuilt('ModifyInstanceMaintenanceOptions', 'RebootMigration');
  if (given === undefined) throw missingParameter('autoRecovery');
  await request.store.write(async (tx) => {
    const { autoRecovery: _before, ...row } = await requireResource(tx, request, instanceType, InstanceId);
    await instances.put(tx, { ...row, ...autoRecoveryOf(given) });
  });
  return { InstanceId, AutoRecovery: given };
};

/** Windows has one; Linux, which all instances are, has none. */
export const GetPasswordData: Operation<'GetPasswordData'> = async (request, input) => {
  const row = await request.store.read((tx) => requireResource(tx, request, instanceType, input.InstanceId));
  return { InstanceId: row.id, PasswordData: '', Timestamp: new Date(row.launched) };
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html */
const consoleBytesMax = 65_536;

/** No machine here has a screen, whatever drives it: what it says is on its serial console. */
export const GetConsoleScreenshot: Operation<'GetConsoleScreenshot'> = async (request, input) => {
  const row = await request.store.read((tx) => requireResource(tx, request, instanceType, input.InstanceId));
  if (row.state !== 'running') throw incorrectInstanceState(`The instance '${row.id}' is not in the 'running' state.`);
  throw unsupportedOperation(`The instance '${row.id}' has no screen: GetConsoleOutput gives what it has written to its serial console.`);
};

export const GetConsoleOutput: Operation<'GetConsoleOutput'> = async (request, input) => {
  const row = await request.store.read((tx) => requireResource(tx, request, instanceType, input.InstanceId));
  const output = await request.host.machines.console(row.id, consoleBytesMax);
  return {
    ...{ InstanceId: row.id, Timestamp: new Date(request.now) },
    ...(output.length > 0 && { Output: output.toString('base64') }),
  };
};
