/** Putting an interface into an instance and taking it out: the network does it, and the machine where the instance runs. */

import { incorrectInstanceState, instances, instanceType } from '../instances/instance.ts';
import { interfaceLimits, instanceTypes } from '../instance-types/instance-type.ts';
import { invalidParameterCombination, invalidParameterValue, notBuilt, operationNotPermitted, refusal } from '../errors.ts';
import { newId, requireResource, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { networkInterfaces, networkInterfaceType, requireOwn, type NetworkInterface } from './network-interface.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html */
export const AttachNetworkInterface: Operation<'AttachNetworkInterface'> = async (request, input) => {
  const { NetworkInterfaceId, InstanceId, DeviceIndex: deviceIndex, NetworkCardIndex: card = 0 } = input;
  for (const name of ['EnaSrdSpecification', 'EnaQueueCount'] as const)
    if (input[name] !== undefined) throw notBuilt('AttachNetworkInterface', name);
  if (!Number.isInteger(deviceIndex) || deviceIndex < 0)
    throw invalidParameterValue(`Value (${deviceIndex}) for parameter deviceIndex is invalid.`);
  if (card !== 0) throw invalidParameterValue(`Network card index ${card} exceeds the limit of the instance type.`);
  const id = newId(request.random, 'eni-attach');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, networkInterfaceType, NetworkInterfaceId);
    const instance = await requireResource(tx, request, instanceType, InstanceId);
    if (row.requester !== undefined) throw operationNotPermitted('You do not have permission to access the specified resource.');
    if (row.attachment) throw refusal('InvalidNetworkInterface.InUse')(`Interface: [${row.id}] in use.`);
    if (instance.state !== 'running' && instance.state !== 'stopped')
      throw incorrectInstanceState(`Instance '${instance.id}' is not 'running' or 'stopped'.`);
    if (row.zone !== instance.zone)
      throw invalidParameterCombination(
        'You may not attach a network interface to an instance if they are not in the same availability zone',
      );
    if (row.vpc !== instance.vpc)
      throw invalidParameterCombination('You may not attach a network interface to an instance if they are not in the same VPC');
    const present = (await networkInterfaces.scanIndex(tx, 'instance', [instance.account, instance.region, instance.id])).map(
      (one) => one.row,
    );
    if (present.some(({ attachment }) => attachment!.deviceIndex === deviceIndex))
      throw invalidParameterValue(`Instance '${instance.id}' already has an interface attached at device index '${deviceIndex}'.`);
    const { interfacesMax } = interfaceLimits(instanceTypes.get(instance.type)!);
    if (present.length >= interfacesMax)
      throw refusal('AttachmentLimitExceeded')(`Interface count ${present.length + 1} exceeds the limit for ${instance.type}`);
    await networkInterfaces.put(tx, {
      ...row,
      attachment: {
        ...{ id, instance: instance.id, owner: request.account, deviceIndex, status: 'attaching', attachedAt: request.now },
        deleteOnTermination: false,
        ...(instance.state === 'running' && { unsettled: 'network' as const }),
      },
    });
  });
  return { AttachmentId: id, NetworkCardIndex: card };
};

/**
 * A machine with a kernel of its own lets go of it first, or is not asked:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachNetworkInterface.html
 */
export const DetachNetworkInterface: Operation<'DetachNetworkInterface'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = byAttachment(await resourcesIn(tx, request, networkInterfaceType), input.AttachmentId);
    requireOwn(row);
    const { unsettled: _old, ...attachment } = row.attachment!;
    if (attachment.deviceIndex === 0 && attachment.instance !== undefined)
      throw operationNotPermitted(`The network interface at device index 0 and networkCard index 0 cannot be detached.`);
    const instance = attachment.instance === undefined ? undefined : await instances.get(tx, row.account, row.region, attachment.instance);
    await networkInterfaces.put(tx, {
      ...row,
      attachment: {
        ...{ ...attachment, status: 'detaching' },
        ...(instance && !['stopped', 'terminated'].includes(instance.state) && { unsettled: 'machine' as const }),
        ...(input.Force === true && { force: true as const }),
      },
    });
  });
  return {};
};

function byAttachment(rows: readonly NetworkInterface[], id: string): NetworkInterface {
  const row = rows.find((one) => one.attachment?.id === id);
  if (!row) throw refusal('InvalidAttachmentID.NotFound')(`The attachment ID '${id}' does not exist`);
  return row;
}
