/** An instance as a machine of the host: what it is started with, and which disks are to come and go while it runs. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { MachineSpec, MachineState } from '../../../framework/machines.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { builtInSnapshot } from '../images/image.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { networkInterfaces, privateDnsName } from '../network-interfaces/network-interface.ts';
import { prepare } from '../volumes/keys.ts';
import { volumes, volumesOfInstance, withAttachments, type Volume } from '../volumes/volume.ts';
import { scratchDisks } from './scratch-disks.ts';
import { instances, type Instance } from './instance.ts';

const mebibyte = 1024 * 1024;
/** By which an instance says what it is to be from its next start on: `container` or `machine`. */
const driverTag = 'haneul:driver';

/** What its machine is started with; `wait` while its disks are being made or its network is not there yet. */
export async function machineSpec(
  context: ReconcilerContext,
  row: Instance,
): Promise<MachineSpec | 'wait' | 'no root volume' | 'no volume'> {
  const { host, store } = context;
  const { account, region, id } = row;
  const { disks, interfaces } = await store.read(async (tx) => ({
    disks: await volumesOfInstance(tx, row),
    interfaces: (await networkInterfaces.scanIndex(tx, 'instance', [account, region, id])).map((found) => found.row),
  }));
  if (disks.some(({ state }) => state === 'creating')) return 'wait';
  if (disks.some(({ state }) => state === 'error')) return 'no volume';
  if (interfaces.length === 0 || !interfaces.every((one) => host.networks.isUp(one.id))) return 'wait';
  const at = (volume: Volume) => volume.attachments.find(({ instance }) => instance === id)!;
  const present = disks.filter((volume) => at(volume).status !== 'detaching');
  const root = present.find((volume) => at(volume).device === row.rootDevice);
  if (!root) return 'no root volume';
  const type = instanceTypes.get(row.type)!;
  const driver = row.tags?.find(({ Key }) => Key === driverTag)?.Value;
  const others = present.filter((volume) => volume !== root).map((volume) => [at(volume).device, volume.id]);
  const scratch = await scratchDisks(context, row, [...disks.map((volume) => at(volume).device), row.rootDevice]);
  return {
    ...{ id, hostname: privateDnsName(row.privateAddress, region).split('.')[0]!, network: host.networks.namespaceOf(id) },
    ...{ image: root.hostImage ?? row.hostImage, rootDisk: root.id, vcpus: type.vcpus, memoryBytes: type.mebibytes * mebibyte },
    ...(isNew(row, root) && { rootIsNew: true as const }),
    ...(driver !== undefined && { driver }),
    ...(row.hibernates && { hibernates: true as const }),
    disks: { ...(Object.fromEntries(others) as Record<string, string>), ...scratch },
  };
}

/** Whether a root volume is a copy of one of the host's images that nobody has had: until it has run, an instance's volumes stay its own. */
const isNew = ({ fresh, region }: Instance, { snapshot, hostImage }: Volume): boolean =>
  fresh === true && hostImage !== undefined && snapshot === builtInSnapshot(region, hostImage);

/** Makes an instance's volumes ready for it. Rejects with AwsError when KMS refuses a key. */
export async function prepareDisks(context: ReconcilerContext, row: Instance): Promise<void> {
  for (const volume of await context.store.read((tx) => volumesOfInstance(tx, row))) await prepare(context, volume);
}

/** Attaches and detaches what running instances are to get and to give; for one that does not run, saying so is enough. */
export async function settleDisks(
  context: ReconcilerContext,
  states: ReadonlyMap<string, MachineState>,
  downZones: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = await context.store.read((tx) => volumes.scanIndex(tx, 'unsettled'));
  for (const { row } of rows) {
    if (row.state === 'creating' || downZones.has(row.zone)) continue;
    context.signal.throwIfAborted();
    await settleVolume(context, row, states);
  }
}

async function settleVolume(context: ReconcilerContext, row: Volume, states: ReadonlyMap<string, MachineState>): Promise<void> {
  const { host, store, log } = context;
  const { account, region, id } = row;
  const settled = new Map<string, 'attached' | 'gone' | 'refused' | 'busy'>();
  for (const { instance, device, status, busy, force } of row.attachments) {
    if (status === 'attached') continue;
    const owner = await store.read((tx) => instances.get(tx, account, region, instance));
    // Its start takes the disk along, and its end lets go of it.
    if (owner && !['running', 'stopped'].includes(owner.state)) continue;
    const runs = owner?.state === 'running' && states.get(instance)?.state === 'running';
    try {
      if (runs && status === 'attaching') {
        await prepare(context, row);
        await host.machines.attach(instance, device, id);
      }
      if (runs && status === 'detaching' && (await host.machines.detach(instance, device, force)) === 'busy') {
        // It is asked again at the next look.
        if (!busy) settled.set(`${instance} ${device}`, 'busy');
        continue;
      }
    } catch (error) {
      log(`${id} at ${instance}: ${(error as Error).message}`);
      // A key that may not be used is not asked for again and again.
      if (error instanceof AwsError && (error.status ?? 400) < 500) settled.set(`${instance} ${device}`, 'refused');
      continue;
    }
    settled.set(`${instance} ${device}`, status === 'attaching' && owner ? 'attached' : 'gone');
  }
  if (settled.size === 0) return;
  await store.write(async (tx) => {
    const present = await volumes.get(tx, account, region, id);
    if (!present) return;
    const attachments = present.attachments.flatMap((one) => {
      const how = settled.get(`${one.instance} ${one.device}`);
      if (how === 'refused') return one.status === 'attaching' ? [] : [one];
      if (how === 'busy') return [one.status === 'detaching' ? { ...one, busy: true } : one];
      if (how === 'gone') return one.status === 'detaching' ? [] : [one];
      return [how === 'attached' && one.status === 'attaching' ? { ...one, status: 'attached' as const } : one];
    });
    await volumes.put(tx, withAttachments(present, attachments));
  });
}
