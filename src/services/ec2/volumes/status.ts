/** The status of volumes, and what may be said about their input and output: https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-checks.html */

import { describeWith } from '../describe.ts';
import { invalidParameterCombination, missingParameter } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { downZones } from '../regions/zone-faults.ts';
import { requireResource } from '../resource.ts';
import type { Operation, Output } from '../sdk.ts';
import { volumes, volumeType, type Volume } from './volume.ts';

type Seen = Volume & { zoneIsDown: boolean };

const isThere = (row: Seen): boolean => (row.state === 'available' || row.state === 'in-use') && !row.zoneIsDown;
const statusOf = (row: Seen): 'ok' | 'impaired' | 'insufficient-data' =>
  row.zoneIsDown ? 'impaired' : isThere(row) ? 'ok' : 'insufficient-data';

const filters: Filters<Seen> = {
  'availability-zone': (row) => row.zone,
  'volume-status.details-name': () => ['io-enabled', 'io-performance'],
  'volume-status.details-status': (row) => [isThere(row) ? 'passed' : 'failed', performanceOf(row)],
  'volume-status.status': statusOf,
};

/** Only volumes with provisioned speed are told how they do, and only while somebody has them. */
const performanceOf = (row: Seen): string =>
  ['io1', 'io2', 'gp3'].includes(row.type) && row.attachments.length > 0 && isThere(row) ? 'normal' : 'not-applicable';

export const DescribeVolumeStatus: Operation<'DescribeVolumeStatus'> = async (request, input) => {
  const down = await request.store.read(downZones);
  const { rows, next } = await describeWith<Volume, Seen>(request, input, {
    ...{ type: volumeType, ids: input.VolumeIds, filters },
    complete: async (_tx, row) => ({ ...row, zoneIsDown: down.has(row.zone) }),
  });
  return { VolumeStatuses: rows.map(shown), ...next };
};

type Status = NonNullable<Output<'DescribeVolumeStatus'>['VolumeStatuses']>[number];

function shown(row: Seen): Status {
  const IoPerformance = performanceOf(row);
  return {
    ...{ VolumeId: row.id, AvailabilityZone: row.zone, Actions: [], Events: [] },
    VolumeStatus: {
      Status: statusOf(row),
      Details: [
        { Name: 'io-enabled', Status: isThere(row) ? 'passed' : 'failed' },
        { Name: 'io-performance', Status: IoPerformance },
      ],
    },
    AttachmentStatuses: row.attachments.map(({ instance }) => ({ InstanceId: instance, IoPerformance })),
  };
}

/** Input and output are never stopped by themselves here, so there is nothing to resume. */
export const EnableVolumeIO: Operation<'EnableVolumeIO'> = async (request, input) => {
  await request.store.read((tx) => requireResource(tx, request, volumeType, input.VolumeId));
  return {};
};

export const DescribeVolumeAttribute: Operation<'DescribeVolumeAttribute'> = async (request, input) => {
  if (input.Attribute === undefined) throw missingParameter('Attribute');
  const row = await request.store.read((tx) => requireResource(tx, request, volumeType, input.VolumeId));
  if (input.Attribute === 'productCodes') return { VolumeId: row.id, ProductCodes: [] };
  return { VolumeId: row.id, AutoEnableIO: { Value: row.autoEnableIo ?? false } };
};

export const ModifyVolumeAttribute: Operation<'ModifyVolumeAttribute'> = async (request, input) => {
  const value = input.AutoEnableIO?.Value;
  if (value === undefined) throw invalidParameterCombination('No attributes specified.');
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, input.VolumeId);
    await volumes.put(tx, { ...row, autoEnableIo: value });
  });
  return {};
};
