/** ModifyVolume and what becomes of it: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html */

import { compileFilters, type Filters } from '../filters.ts';
import { incorrectState, invalidParameterValue, refusal } from '../errors.ts';
import { pageOf, readPage } from '../pagination.ts';
import { checkReach } from '../regions/zone-faults.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { modificationOf } from './description.ts';
import { volumes, volumeType, type Volume } from './volume.ts';
import { checkSpeeds } from './wish.ts';

const sixHours = 21_600_000;

export const ModifyVolume: Operation<'ModifyVolume'> = async (request, input) => {
  const { Size, VolumeType, Iops, Throughput, MultiAttachEnabled } = input;
  if ([Size, VolumeType, Iops, Throughput, MultiAttachEnabled].every((value) => value === undefined))
    throw invalidParameterValue('At least one of size, volumeType, iops, throughput or multiAttachEnabled must be specified');
  const changed = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, input.VolumeId);
    if (row.state !== 'available' && row.state !== 'in-use') throw incorrectState(`The volume '${row.id}' is in state ${row.state}.`);
    await checkReach(tx, row.zone, `Volume '${row.id}'`);
    const last = row.modification;
    if (last && last.state !== 'completed')
      throw refusal('IncorrectModificationState')(`The volume '${row.id}' is still being modified (${last.state}).`);
    if (last && request.now < last.started + sixHours)
      throw refusal('VolumeModificationRateExceeded')(
        "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.",
      );
    const next = modified(row, input, request.now);
    await volumes.put(tx, next);
    return next;
  });
  return { VolumeModification: modificationOf(changed, request.now)! };
};

function modified(row: Volume, { Size, VolumeType, Iops, Throughput, MultiAttachEnabled }: Input<'ModifyVolume'>, now: number): Volume {
  const { iops, throughput, multiAttach, ...rest } = row;
  const type = (VolumeType ?? row.type) as Volume['type'];
  const gibibytes = Size ?? row.gibibytes;
  if (gibibytes < row.gibibytes) throw invalidParameterValue('New size cannot be smaller than existing size');
  const several = MultiAttachEnabled ?? multiAttach ?? false;
  if (several && !['io1', 'io2'].includes(type)) throw invalidParameterValue(`Multi-Attach is not supported for ${type} volumes.`);
  if (MultiAttachEnabled !== undefined && type !== 'io2')
    throw invalidParameterValue('Multi-Attach can be enabled and disabled after creation for io2 volumes only.');
  if (MultiAttachEnabled === false && row.attachments.length > 1)
    throw invalidParameterValue('Multi-Attach cannot be disabled while the volume is attached to more than one instance.');
  if (MultiAttachEnabled === true && row.attachments.length > 0)
    throw incorrectState(`Multi-Attach cannot be enabled while the volume '${row.id}' is attached.`);
  const same = type === row.type;
  const speeds = checkSpeeds(
    type,
    gibibytes,
    Iops ?? (same && type !== 'gp2' ? iops : undefined),
    Throughput ?? (same ? throughput : undefined),
  );
  const original = {
    ...{ gibibytes: row.gibibytes, type: row.type },
    ...(iops !== undefined && { iops }),
    ...(throughput !== undefined && { throughput }),
    ...(multiAttach && { multiAttach }),
  };
  return { ...rest, ...speeds, ...(several && { multiAttach: true }), modification: { state: 'modifying', started: now, original } };
}

const modificationFilters: Filters<Volume> = {
  'volume-id': (row) => row.id,
  'modification-state': (row) => row.modification?.state,
  'original-size': (row) => row.modification?.original.gibibytes,
  'original-volume-type': (row) => row.modification?.original.type,
  'original-iops': (row) => row.modification?.original.iops,
  originalMultiAttachEnabled: (row) => row.modification?.original.multiAttach ?? false,
  'target-size': (row) => row.gibibytes,
  'target-volume-type': (row) => row.type,
  'target-iops': (row) => row.iops,
  targetMultiAttachEnabled: (row) => row.multiAttach ?? false,
  'start-time': (row) => row.modification && new Date(row.modification.started).toISOString(),
};

export const DescribeVolumesModifications: Operation<'DescribeVolumesModifications'> = async (request, input) => {
  const fits = compileFilters(input.Filters, modificationFilters);
  const page = pageOf('volume-modifications', input, { min: 1, max: 500 });
  const shown = (rows: readonly Volume[]) => rows.map((row) => modificationOf(row, request.now)!);
  return request.store.read(async (tx) => {
    if (input.VolumeIds?.length) {
      const named: Volume[] = [];
      for (const id of input.VolumeIds) named.push(await requireResource(tx, request, volumeType, id));
      const lost = named.find((row) => !row.modification);
      if (lost) throw refusal('InvalidVolumeModification.NotFound')(`Modification for volume '${lost.id}' does not exist.`);
      return { VolumesModifications: shown(named.filter(fits)) };
    }
    const { rows, next } = await readPage(
      'volume-modifications',
      page,
      (range) => volumes.scan(tx, [request.account, request.region], range),
      (row) => (row.modification && fits(row) ? row : undefined),
    );
    return { VolumesModifications: shown(rows), ...next };
  });
};
