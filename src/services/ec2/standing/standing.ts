/** What of EC2 costs as long as it stands: volumes, snapshots, public addresses, NAT gateways, interface endpoints, and the fee for dedicated instances. */

import { blockBytes, snapshotArn, snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { publicAddresses, type PublicAddressUse } from '../../../framework/public-addresses.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { elasticAddresses } from '../addresses/address.ts';
import { instancesIn } from '../instances/instance.ts';
import { natGateways } from '../nat-gateways/nat-gateway.ts';
import { recycledSnapshots, recycledVolumes } from '../recycle-bin/bin.ts';
import { gibibyte, volumes, type Volume } from '../volumes/volume.ts';
import { vpcEndpoints } from '../vpc-endpoints/vpc-endpoint.ts';

const tables = [volumes, recycledVolumes, snapshots, recycledSnapshots, elasticAddresses, publicAddresses, natGateways, vpcEndpoints];

export const standing: Reconciler = standingMeter('ec2', tables, (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  yield* await dedicatedFees(store);
  for await (const volume of volumes.each(store)) yield* volumeUse(volume);
  // In the recycle bin they cost what they cost before.
  for await (const volume of recycledVolumes.each(store)) yield* volumeUse(volume);
  for await (const snapshot of snapshots.each(store)) yield* snapshotUse(snapshot);
  for await (const snapshot of recycledSnapshots.each(store)) yield* snapshotUse(snapshot);
  for await (const row of publicAddresses.each(store)) yield await addressUse(store, row);
  for await (const { id, account, region, created, state } of natGateways.each(store)) {
    if (state !== 'available') continue;
    const resource = `arn:aws:ec2:${region}:${account}:natgateway/${id}`;
    yield {
      id,
      account,
      region,
      usageType: 'NatGateway-Hours',
      operation: 'NatGateway',
      resource,
      unit: 'Seconds',
      count: 1,
      since: created,
    };
  }
  for await (const { id, account, region, created, type, subnets } of vpcEndpoints.each(store)) {
    if (type !== 'Interface' || subnets.length === 0) continue;
    const resource = `arn:aws:ec2:${region}:${account}:vpc-endpoint/${id}`;
    const count = subnets.length;
    yield {
      id,
      account,
      region,
      usageType: 'VpcEndpoint-Hours',
      operation: 'VpcEndpoint',
      resource,
      unit: 'Seconds',
      count,
      since: created,
    };
  }
}

/**
 * Two dollars an hour for each region in which an account has any dedicated instance, however many: https://aws.amazon.com/ec2/pricing/dedicated-instances/
 * Instances are not watched: each begins and ends with its root volume.
 */
async function dedicatedFees(store: ReconcilerContext['store']): Promise<Standing[]> {
  const rows = (await store.read((tx) => instancesIn(tx, ['pending', 'running']))).filter(({ tenancy }) => tenancy === 'dedicated');
  const fees = new Map<string, Standing>();
  for (const { account, region } of rows) {
    const id = `dedicated ${account} ${region}`;
    const use = { usageType: 'DedicatedRegionFee', operation: 'RunInstances', resource: '', unit: 'Seconds', count: 1 } as const;
    fees.set(id, { id, account, region, ...use });
  }
  return [...fees.values()];
}

/** Idle is an elastic address that nothing has; those that are lent to instances are always in use. */
async function addressUse(store: ReconcilerContext['store'], { address, account, region, ...row }: PublicAddressUse): Promise<Standing> {
  const { allocation, networkInterface } = row;
  const elastic = allocation !== undefined && (await store.read((tx) => elasticAddresses.get(tx, account, region, allocation)));
  const isIdle = elastic && elastic.association === undefined;
  const what = allocation === undefined ? `network-interface/${networkInterface}` : `elastic-ip/${allocation}`;
  const resource = `arn:aws:ec2:${region}:${account}:${what}`;
  const usageType = `PublicIPv4:${isIdle ? 'Idle' : 'InUse'}Address`;
  return { id: address, account, region, usageType, operation: 'AllocateAddressVPC', resource, unit: 'Seconds', count: 1 };
}

function* snapshotUse({ account, region, id, completed, state, blocks }: Snapshot): Generator<Standing> {
  if (state !== 'completed' || completed === undefined) return;
  const use = { usageType: 'EBS:SnapshotUsage', operation: 'CreateSnapshot', unit: 'ByteHours' } as const;
  yield { id, account, region, ...use, resource: snapshotArn(region, id), count: blocks * blockBytes, since: completed };
}

/** How bills name the types; io1 came before there were others with provisioned IOPS. */
const billed: Readonly<Record<Volume['type'], string>> = {
  ...{ standard: '', gp2: '.gp2', gp3: '.gp3', io1: '.piops', io2: '.io2', st1: '.st1', sc1: '.sc1' },
};

/** What gp3 has without being paid for, and where io2 becomes cheaper: https://aws.amazon.com/ebs/pricing/ */
const gp3Free = { iops: 3000, throughput: 125 };
const io2Tiers = [32_000, 64_000] as const;

function* volumeUse({ id, account, region, created, state, type, gibibytes, iops = 0, throughput = 0 }: Volume): Generator<Standing> {
  if (state === 'creating' || state === 'deleting' || state === 'error') return;
  const place = { account, region, operation: 'CreateVolume', resource: `arn:aws:ec2:${region}:${account}:volume/${id}`, since: created };
  yield { ...place, id, usageType: `EBS:VolumeUsage${billed[type]}`, unit: 'ByteHours', count: gibibytes * gibibyte };
  const more = (usageType: string, count: number): Standing => ({ ...place, id: `${id} ${usageType}`, usageType, unit: 'Seconds', count });
  if (type === 'gp3') {
    if (iops > gp3Free.iops) yield more('EBS:VolumeP-IOPS.gp3', iops - gp3Free.iops);
    if (throughput > gp3Free.throughput) yield more('EBS:VolumeP-Throughput.gp3', throughput - gp3Free.throughput);
  }
  if (type === 'io1') yield more('EBS:VolumeP-IOPS.piops', iops);
  if (type === 'io2') {
    const [first, second] = io2Tiers;
    yield more('EBS:VolumeP-IOPS.io2', Math.min(iops, first));
    if (iops > first) yield more('EBS:VolumeP-IOPS.io2.tier2', Math.min(iops, second) - first);
    if (iops > second) yield more('EBS:VolumeP-IOPS.io2.tier3', iops - second);
  }
}
