/** Attaching volumes to instances and detaching them: wishes, which the keeper of instances makes true. */

import { incorrectState, invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { incorrectInstanceState, instanceType } from '../instances/instance.ts';
import { checkDevice } from '../instances/launch-disks.ts';
import { checkReach } from '../regions/zone-faults.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { attachmentOf } from './description.ts';
import { volumes, volumesOfInstance, volumeType, withAttachments, type VolumeAttachment } from './volume.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/volume_limits.html */
const attachmentsMax = 28;
const instancesPerVolumeMax = 16;

export const AttachVolume: Operation<'AttachVolume'> = async (request, input) => {
  const { InstanceId, VolumeId, Device } = input;
  if (Device === undefined) throw missingParameter('Device');
  checkDevice(Device);
  const attached = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, VolumeId);
    const instance = await requireResource(tx, request, instanceType, InstanceId);
    if (row.state === 'in-use' && !row.multiAttach) throw refusal('VolumeInUse')(`${row.id} is already attached to an instance`);
    if (row.state !== 'available' && row.state !== 'in-use') throw incorrectState(`Volume '${row.id}' is not 'available'.`);
    if (instance.state !== 'running' && instance.state !== 'stopped')
      throw incorrectInstanceState(`Instance '${instance.id}' is not 'running'.`);
    if (instance.zone !== row.zone)
      throw refusal('InvalidVolume.ZoneMismatch')(
        `The volume '${row.id}' is not in the same availability zone as instance '${instance.id}'`,
      );
    await checkReach(tx, row.zone, `Volume '${row.id}'`);
    const present = await volumesOfInstance(tx, instance);
    if (present.some(({ id }) => id === row.id)) throw refusal('VolumeInUse')(`${row.id} is already attached to an instance`);
    if (present.some((other) => other.attachments.some((one) => one.instance === instance.id && one.device === Device)))
      throw invalidParameterValue(`Invalid value '${Device}' for unixDevice. Attachment point ${Device} is already in use`);
    if (present.length >= attachmentsMax || !instanceTypes.has(instance.type))
      throw refusal('AttachmentLimitExceeded')(`Attachment limit exceeded for instance ${instance.id}`);
    if (row.attachments.length >= instancesPerVolumeMax)
      throw refusal('AttachmentLimitExceeded')(`Attachment limit exceeded for volume ${row.id}`);
    const one: VolumeAttachment = {
      instance: instance.id,
      device: Device,
      status: 'attaching',
      at: request.now,
      deleteOnTermination: false,
    };
    const next = withAttachments(row, [...row.attachments, one]);
    await volumes.put(tx, next);
    return attachmentOf(next, one);
  });
  return attached;
};

export const DetachVolume: Operation<'DetachVolume'> = async (request, input) => {
  return request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, input.VolumeId);
    const fitting = row.attachments.filter(
      (one) => (input.InstanceId ?? one.instance) === one.instance && (input.Device ?? one.device) === one.device,
    );
    const [one] = fitting;
    if (!one) {
      if (row.attachments.length === 0) throw incorrectState(`Volume '${row.id}' is in the 'available' state.`);
      throw refusal('InvalidAttachment.NotFound')(
        `The volume '${row.id}' is not attached to instance '${input.InstanceId}' as device '${input.Device}'`,
      );
    }
    if (fitting.length > 1) throw missingParameter('InstanceId');
    const instance = await requireResource(tx, request, instanceType, one.instance);
    await checkReach(tx, row.zone, `Volume '${row.id}'`);
    if (one.device === instance.rootDevice && instance.state !== 'stopped')
      throw refusal('OperationNotPermitted')(`Unable to detach root volume '${row.id}' from instance '${instance.id}'`);
    const detaching: VolumeAttachment = { ...one, status: 'detaching', ...(input.Force === true && { force: true }) };
    const next = withAttachments(
      row,
      row.attachments.map((other) => (other === one ? detaching : other)),
    );
    await volumes.put(tx, next);
    return attachmentOf(next, detaching);
  });
};
