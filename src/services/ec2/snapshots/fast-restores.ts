/** Fast snapshot restores: in which zones volumes of a snapshot are to be at full speed at once, and how far that is. */

import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { pageOf, readPage } from '../pagination.ts';
import type { Input, Operation } from '../sdk.ts';
import { requireSnapshot } from './snapshot.ts';

export type FastRestore = {
  account: string;
  region: string;
  snapshot: string;
  zone: string;
  /** Who owns the snapshot. */
  owner: string;
  gibibytes: number;
  enabled: number;
  disabled?: number;
};

export const fastRestores = table<FastRestore, 'snapshot'>('ec2/fast-snapshot-restores', {
  key: (row) => [row.account, row.region, row.snapshot, row.zone],
  indexes: { snapshot: (row) => [row.region, row.snapshot] },
});

const enablingMilliseconds = 60_000;
/** An hour a TiB: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-fast-snapshot-restore.html */
const optimizingPerGibibyte = 3_600_000 / 1024;
const perRegionMax = 50;

/** Those of a snapshot that is deleted, in all accounts. */
export async function endFastRestores(tx: WriteTransaction, { id, region }: Snapshot, now: number): Promise<void> {
  for (const { row } of await fastRestores.scanIndex(tx, 'snapshot', [region, id]))
    if (row.disabled === undefined) await fastRestores.put(tx, { ...row, disabled: now });
}

type State = 'enabling' | 'optimizing' | 'enabled' | 'disabled';

function stateOf({ enabled, disabled, gibibytes }: FastRestore, now: number): State {
  if (disabled !== undefined) return 'disabled';
  if (now < enabled + enablingMilliseconds) return 'enabling';
  return now < optimizedAt({ enabled, gibibytes }) ? 'optimizing' : 'enabled';
}

const optimizedAt = ({ enabled, gibibytes }: Pick<FastRestore, 'enabled' | 'gibibytes'>): number =>
  enabled + enablingMilliseconds + gibibytes * optimizingPerGibibyte;

function shown(row: FastRestore, now: number) {
  const State = stateOf(row, now);
  const optimizing = row.enabled + enablingMilliseconds;
  return {
    ...{ SnapshotId: row.snapshot, AvailabilityZone: row.zone, State, OwnerId: row.owner, EnablingTime: new Date(row.enabled) },
    StateTransitionReason:
      State === 'optimizing' || State === 'enabled' ? 'Client.UserInitiated - Lifecycle state transition' : 'Client.UserInitiated',
    ...(optimizing <= now && { OptimizingTime: new Date(optimizing) }),
    ...(optimizedAt(row) <= now && { EnabledTime: new Date(optimizedAt(row)) }),
    ...(row.disabled !== undefined && { DisablingTime: new Date(row.disabled), DisabledTime: new Date(row.disabled) }),
  };
}

type Zones = Pick<Input<'EnableFastSnapshotRestores'>, 'AvailabilityZones' | 'AvailabilityZoneIds'>;

function zonesOf({ region }: ServiceRequest, { AvailabilityZones, AvailabilityZoneIds }: Zones): string[] {
  const asked = [
    ...(AvailabilityZones ?? []).map((name) => zoneNamed(region, name, undefined)),
    ...(AvailabilityZoneIds ?? []).map((id) => zoneNamed(region, undefined, id)),
  ];
  if (asked.length === 0) throw missingParameter('AvailabilityZone');
  if (asked.includes(undefined)) throw invalidParameterValue('One of the availability zones does not exist.');
  return asked.map((zone) => zone!.name);
}

export const EnableFastSnapshotRestores: Operation<'EnableFastSnapshotRestores'> = async (request, input) => {
  const { account, region, now } = request;
  const zones = zonesOf(request, input);
  return request.store.write(async (tx) => {
    const Successful = [];
    const Unsuccessful = [];
    const present = (await fastRestores.scan(tx, [account, region])).filter(({ row }) => row.disabled === undefined).length;
    if (present + zones.length * input.SourceSnapshotIds.length > perRegionMax)
      throw refusal('FastSnapshotRestoreLimitExceeded')(`Up to ${perRegionMax} fast snapshot restores may be enabled in a region.`);
    for (const id of input.SourceSnapshotIds) {
      const found = await requireSnapshot(tx, request, id).catch(wordsOf);
      if ('code' in found || found.state !== 'completed') {
        const Error =
          'code' in found
            ? { Code: found.code, Message: found.message }
            : { Code: 'IncorrectState', Message: `Snapshot '${id}' is not completed` };
        Unsuccessful.push({
          SnapshotId: id,
          FastSnapshotRestoreStateErrors: zones.map((AvailabilityZone) => ({ AvailabilityZone, Error })),
        });
        continue;
      }
      for (const zone of zones) Successful.push(shown(await enable(found, zone), now));
    }
    return { Successful, Unsuccessful };

    async function enable(snapshot: Snapshot, zone: string): Promise<FastRestore> {
      const known = await fastRestores.get(tx, account, region, snapshot.id, zone);
      if (known && known.disabled === undefined) return known;
      const row = { account, region, snapshot: snapshot.id, zone, owner: snapshot.account, gibibytes: snapshot.gibibytes, enabled: now };
      await fastRestores.put(tx, row);
      return row;
    }
  });
};

/** What is wrong with one snapshot is told beside the others. */
function wordsOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof AwsError)) throw error;
  return { code: error.code, message: error.message };
}

export const DisableFastSnapshotRestores: Operation<'DisableFastSnapshotRestores'> = async (request, input) => {
  const { account, region, now } = request;
  const zones = zonesOf(request, input);
  return request.store.write(async (tx) => {
    const Successful = [];
    const Unsuccessful = [];
    for (const id of input.SourceSnapshotIds) {
      const missing = [];
      for (const zone of zones) {
        const row = await fastRestores.get(tx, account, region, id, zone);
        if (!row || row.disabled !== undefined) {
          missing.push({
            AvailabilityZone: zone,
            Error: { Code: 'InvalidParameterValue', Message: `Fast snapshot restores are not enabled for ${id} in ${zone}` },
          });
          continue;
        }
        const next = { ...row, disabled: now };
        await fastRestores.put(tx, next);
        Successful.push(shown(next, now));
      }
      if (missing.length > 0) Unsuccessful.push({ SnapshotId: id, FastSnapshotRestoreStateErrors: missing });
    }
    return { Successful, Unsuccessful };
  });
};

const restoresPerPage = 500;

export const DescribeFastSnapshotRestores: Operation<'DescribeFastSnapshotRestores'> = async (request, input) => {
  const { account, region, now } = request;
  const filters: Filters<FastRestore> = {
    'availability-zone': (row) => row.zone,
    'owner-id': (row) => row.owner,
    'snapshot-id': (row) => row.snapshot,
    state: (row) => stateOf(row, now),
  };
  const fits = compileFilters(input.Filters, filters);
  const { limit, after } = pageOf('fast-snapshot-restores', input, { min: 0, max: 200 });
  return request.store.read(async (tx) => {
    const { rows, next } = await readPage(
      'fast-snapshot-restores',
      { limit: limit || restoresPerPage, after },
      (range) => fastRestores.scan(tx, [account, region], range),
      (row) => (fits(row) ? shown(row, now) : undefined),
    );
    return { FastSnapshotRestores: rows, ...next };
  });
};
