/** The reconciler of instances: starts, watches, stops and takes away their machines. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { MachineFailed, type MachineSpec, type MachineState } from '../../../framework/machines.ts';
import { zoneFaults } from '../../../framework/zone-faults.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { forgetEnded } from '../forgetting.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { forgetCredentials } from '../metadata/credentials.ts';
import { serveMetadata } from '../metadata/server.ts';
import { downZones } from '../regions/zone-faults.ts';
import { volumes, volumesOfInstance } from '../volumes/volume.ts';
import { afterCut, cutForImages } from './imaging.ts';
import { settleInterfaces } from './interfaces.ts';
import { instances, reasons, userData, type Instance, type InstanceState } from './instance.ts';
import { clearAway, giveBackAddresses } from './leaving.ts';
import { terminatedMilliseconds } from './limits.ts';
import { dropScratchDisks } from './scratch-disks.ts';
import { machineSpec, settleDisks, prepareDisks } from './machine.ts';
import { meteredEvery, meterEnd, meteredRuns, meterInstance } from './metering.ts';

const rowsPerPage = 200;
const atOnce = 4;
/** How long a system has to shut down before its power is taken. */
const shutDownMilliseconds = { stopping: 60_000, 'shutting-down': 10_000 } as const;
const lookEveryMilliseconds = 1000;

export const keeper: Reconciler = {
  name: 'ec2/instances',
  watches: [instances, volumes, networkInterfaces, zoneFaults],
  everyReal: lookEveryMilliseconds,
  async run(context) {
    const rows = await liveInstances(context);
    if (rows.length === 0 && (await context.host.machines.obstacle()) !== undefined) return forgetTerminated(context);
    const states = new Map((await context.host.machines.list()).map((state) => [state.id, state]));
    await serveAll(context, rows);
    const down = await context.store.read(downZones);
    await eachAtOnce(rows, (row) => (down.has(row.zone) ? meterUnreached(context, row) : keep(context, row, states.get(row.id))));
    await settleDisks(context, states, down);
    await settleInterfaces(context, states, down);
    await removeStrangers(context, states, rows);
    await dropScratchDisks(context);
    const next = await forgetTerminated(context);
    // What it costs is known once the cloud has settled, also when the clock has leapt.
    if (!rows.some(({ state }) => state === 'running')) return next;
    return { nextAt: Math.min(next?.nextAt ?? Infinity, context.now + meteredEvery) };
  },
};

async function liveInstances({ store, signal }: ReconcilerContext): Promise<Instance[]> {
  const rows: Instance[] = [];
  for (let after: Uint8Array | undefined; ;) {
    const page = await store.read((tx) => instances.scanIndex(tx, 'work', [], { limit: rowsPerPage, ...(after && { after }) }));
    rows.push(...page.map(({ row }) => row));
    if (page.length < rowsPerPage) return rows;
    after = page.at(-1)!.cursor;
    signal.throwIfAborted();
  }
}

/** Metadata is answered in every network in which an instance lives, before it boots. */
async function serveAll(context: ReconcilerContext, rows: readonly Instance[]): Promise<void> {
  const places = new Map(rows.map(({ account, region, vpc }) => [vpc, { account, region, vpc }]));
  for (const place of places.values()) {
    const ports = await context.store.read((tx) => networkInterfaces.scanIndex(tx, 'vpc', [place.account, place.region, place.vpc]));
    // Of a network that is not there yet the interfaces tell when it is.
    if (ports.some(({ row }) => context.host.networks.isUp(row.id))) await serveMetadata(context, place);
  }
}

/** A few side by side: a machine's start is mostly waiting. */
async function eachAtOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function keep(context: ReconcilerContext, row: Instance, state: MachineState | undefined): Promise<void> {
  context.signal.throwIfAborted();
  switch (row.state) {
    case 'pending':
      return start(context, row);
    case 'running':
      return watch(context, row, state);
    case 'stopping':
    case 'shutting-down':
      return end(context, row, state);
    case 'stopped':
    case 'terminated':
      return;
  }
}

/** Nobody can start, stop or end a machine in a zone that is down; what is wished of it waits, and it costs what it costs. */
async function meterUnreached(context: ReconcilerContext, row: Instance): Promise<void> {
  if (row.state === 'running') await meterInstance(context, row);
  if (row.state === 'stopping' || row.state === 'shutting-down') await meterEnd(context, row);
}

async function start(context: ReconcilerContext, row: Instance): Promise<void> {
  const spec = await boot(context, row);
  if (!spec) return;
  await change(context, row, async (tx, present) => {
    const { reason: _pending, fresh: _proved, ...rest } = present;
    await instances.put(tx, { ...rest, state: 'running', transition: '' });
    await attachAll(tx, present, Object.values(spec.disks), spec.rootDisk);
  });
}

/** The disks with which a machine was started are attached. */
async function attachAll(tx: WriteTransaction, instance: Instance, disks: readonly string[], root: string): Promise<void> {
  for (const row of await volumesOfInstance(tx, instance)) {
    if (row.id !== root && !disks.includes(row.id)) continue;
    const attachments = row.attachments.map((one) =>
      one.instance === instance.id && one.status === 'attaching' ? { ...one, status: 'attached' as const } : one,
    );
    await volumes.put(tx, { ...row, attachments, state: 'in-use' });
  }
}

/** What cannot be started the first time is terminated, as AWS does it; what could before is stopped. */
async function fail(context: ReconcilerContext, row: Instance, why: string): Promise<void> {
  const state: InstanceState = row.fresh ? 'shutting-down' : 'stopping';
  await change(context, row, (tx, present) =>
    instances.put(tx, { ...present, state, reason: reasons.internalError(why), transition: 'Server.InternalError' }),
  );
}

async function watch(context: ReconcilerContext, row: Instance, state: MachineState | undefined): Promise<void> {
  await meterInstance(context, row);
  if (row.reboot === true) return reboot(context, row, state);
  if (state?.state === 'running') return;
  const { how } = state ?? { how: undefined };
  if (how?.kind === 'halted') {
    const next = row.shutdownBehavior === 'stop' ? 'stopping' : 'shutting-down';
    return change(context, row, (tx, present) =>
      instances.put(tx, { ...present, state: next, reason: reasons.ownShutdown, transition: '' }),
    );
  }
  // A reboot from inside, a host that went down, or a machine that somebody killed: it is to run.
  await boot(context, row);
}

async function reboot(context: ReconcilerContext, row: Instance, state: MachineState | undefined): Promise<void> {
  if (state?.state === 'running') {
    await context.host.machines.shutDown(row.id, shutDownMilliseconds.stopping);
    if ((await context.host.machines.look(row.id))?.state === 'running') return;
  }
  await cutForImages(context, row);
  await boot(context, row);
  await change(context, row, async (tx, present) => instances.put(tx, await afterCut(tx, row, present)));
}

/** Starts the machine of an instance and gives what it was started with: undefined while that must wait, and when it cannot be. */
async function boot(context: ReconcilerContext, row: Instance): Promise<MachineSpec | undefined> {
  const spec = await machineSpec(context, row);
  if (spec === 'wait') return undefined;
  if (spec === 'no root volume') {
    await fail(context, row, 'the instance has no volume at its root device');
    return undefined;
  }
  if (spec === 'no volume') {
    await fail(context, row, 'a volume of the instance could not be made');
    return undefined;
  }
  try {
    await prepareDisks(context, row);
    await context.host.machines.start(spec);
    return spec;
  } catch (error) {
    const refused = error instanceof AwsError && (error.status ?? 400) < 500;
    if (!(error instanceof MachineFailed) && !refused) throw error;
    context.log(error.message);
    await fail(context, row, error.message);
    return undefined;
  }
}

async function end(context: ReconcilerContext, row: Instance, state: MachineState | undefined): Promise<void> {
  const { machines } = context.host;
  await meterEnd(context, row);
  if (state?.state === 'running') {
    if (!(await sleeps(context, row))) await machines.shutDown(row.id, shutDownMilliseconds[row.state as 'stopping']);
    if ((await machines.look(row.id))?.state === 'running') return;
  }
  await cutForImages(context, row);
  if (row.state === 'shutting-down') {
    await machines.remove(row.id);
    forgetCredentials(row.id);
    await change(context, row, async (tx, present) => clearAway(tx, context.clock.now(), await afterCut(tx, row, present)));
    return;
  }
  if (state) await machines.kill(row.id);
  await change(context, row, async (tx, present) => {
    await giveBackAddresses(tx, present);
    const { hibernating: _asleep, ...rest } = present;
    await instances.put(tx, { ...(await afterCut(tx, row, rest)), state: 'stopped' });
  });
}

/**
 * Whether a machine keeps its memory, where that was asked. What cannot hibernate is shut down:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html
 */
async function sleeps(context: ReconcilerContext, row: Instance): Promise<boolean> {
  if (!row.hibernating || row.state !== 'stopping') return false;
  try {
    await context.host.machines.hibernate(row.id);
    return true;
  } catch (error) {
    if (!(error instanceof MachineFailed)) throw error;
    context.log(error.message);
    await change(context, row, (tx, { hibernating: _not, ...present }) => instances.put(tx, present));
    return false;
  }
}

/** Changes an instance that is still in the state in which it was seen. */
async function change(
  { store }: ReconcilerContext,
  { account, region, id, state }: Instance,
  make: (tx: WriteTransaction, present: Instance) => Promise<unknown>,
): Promise<void> {
  await store.write(async (tx) => {
    const present = await instances.get(tx, account, region, id);
    if (present?.state === state) await make(tx, present);
  });
}

/** Machines that no record knows: of a cloud that was reset, or whose instance has ended. */
async function removeStrangers(
  { host, store }: ReconcilerContext,
  states: ReadonlyMap<string, MachineState>,
  live: readonly Instance[],
): Promise<void> {
  const known = new Set(live.map(({ id }) => id));
  for (const id of states.keys()) {
    if (known.has(id)) continue;
    const row = await store.read((tx) => instances.find(tx, 'id', id));
    if (!row || row.state === 'terminated') await host.machines.remove(id);
  }
}

async function forgetTerminated(context: ReconcilerContext): Promise<{ nextAt: number } | undefined> {
  const nextAt = await forgetEnded(context, instances, {
    index: 'ended',
    until: (row) => row.ended! + terminatedMilliseconds,
    forget: async (tx, row) => {
      await instances.delete(tx, row.account, row.region, row.id);
      await userData.delete(tx, row.id);
      await meteredRuns.delete(tx, row.id);
    },
  });
  return nextAt === undefined ? undefined : { nextAt };
}
