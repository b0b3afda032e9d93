/** Interfaces that come to machines which run, and go from them: these take them and let go of them, as the network gives and takes. */

import type { MachineState } from '../../../framework/machines.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { instances } from './instance.ts';

/** One that a machine does not take, or of which it does not let go, is asked about again at the next look. */
export async function settleInterfaces(
  context: ReconcilerContext,
  states: ReadonlyMap<string, MachineState>,
  downZones: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { row } of await context.store.read((tx) => networkInterfaces.scanIndex(tx, 'unsettled'))) {
    if (downZones.has(row.zone)) continue;
    context.signal.throwIfAborted();
    if (await isSettled(context, row, states)) await settle(context, row);
  }
}

async function isSettled(
  { host, store, log }: ReconcilerContext,
  { account, region, id, attachment }: NetworkInterface,
  states: ReadonlyMap<string, MachineState>,
): Promise<boolean> {
  const { instance, deviceIndex, status, force } = attachment!;
  const owner = await store.read((tx) => instances.get(tx, account, region, instance!));
  // Its start takes it along.
  if (owner?.state === 'pending') return false;
  if (owner?.state === 'stopping' || owner?.state === 'shutting-down') return false;
  if (owner?.state !== 'running' || states.get(owner.id)?.state !== 'running') return owner?.state !== 'running';
  const device = `eth${deviceIndex}`;
  try {
    if (status === 'detaching') return (await host.machines.unplug(owner.id, device, force)) === 'gone';
    if (!host.networks.isUp(id)) return false;
    await host.machines.plug(owner.id, device);
    return true;
  } catch (error) {
    log(`${id} at ${owner.id}: ${(error as Error).message}`);
    return false;
  }
}

/** What it is to be is now the network's. */
async function settle({ store }: ReconcilerContext, { account, region, id, attachment }: NetworkInterface): Promise<void> {
  await store.write(async (tx) => {
    const row = await networkInterfaces.get(tx, account, region, id);
    if (row?.attachment?.id !== attachment!.id || row.attachment.status !== attachment!.status) return;
    const { unsettled: _done, ...settled } = row.attachment;
    await networkInterfaces.put(tx, { ...row, attachment: settled });
  });
}
