/** Collects what the networks have counted, an interval at a time, and sends it on as records. */

import type { SeenFlow } from '../../../framework/networks.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { networkRecords, type NetworkRecords } from '../network/records.ts';
import { deliver, type Delivery } from './destinations.ts';
import { flowCollections, flowLogFailures, flowLogs, isAbout, type FlowLog } from './flow-log.ts';
import { fieldsOf, lineOf, versionOf, type RecordFields } from './format.ts';
import { actionOf, recordOf, recordWithoutFlow, type Window } from './record.ts';

/** The flow logs of one VPC, whose flows are collected together, as often as the one with the shortest interval wants. */
type Collected = { vpc: string; rows: FlowLog[]; from: number; due: number };

export const flowLogCollector: Reconciler = {
  name: 'ec2/flow-logs',
  watches: [flowLogs],
  run: async (context) => {
    const all = await collections(context);
    const due = all.filter((one) => one.due <= context.now);
    if (due.length > 0) await collect(context, due);
    const next = all.map((one) => (one.due <= context.now ? context.now + shortest(one.rows) : one.due));
    return next.length > 0 ? { nextAt: Math.min(...next) } : undefined;
  },
};

const shortest = (rows: readonly FlowLog[]): number => Math.min(...rows.map((row) => row.intervalSeconds)) * 1000;

async function collections({ store }: ReconcilerContext): Promise<Collected[]> {
  const { rows, ends } = await store.read(async (tx) => ({
    rows: (await flowLogs.scan(tx)).map(({ row }) => row),
    ends: new Map((await flowCollections.scan(tx)).map(({ row }) => [row.vpc, row.to])),
  }));
  const byVpc = Map.groupBy(rows, (row) => row.vpc);
  const gone = [...ends.keys()].filter((vpc) => !byVpc.has(vpc));
  if (gone.length > 0)
    await store.write(async (tx) => {
      for (const vpc of gone) await flowCollections.delete(tx, vpc);
    });
  return [...byVpc].map(([vpc, own]) => {
    const from = ends.get(vpc) ?? Math.min(...own.map((row) => row.created));
    return { vpc, rows: own, from, due: from + shortest(own) };
  });
}

async function collect(context: ReconcilerContext, due: readonly Collected[]): Promise<void> {
  const { host, store, now } = context;
  const records = await store.read(networkRecords);
  const { flows, overflowed } = await host.networks.takeFlows(due.map(({ vpc }) => vpc));
  // Written before it is delivered: flows are taken once, and a crash loses an interval rather than telling it twice.
  await store.write(async (tx) => {
    for (const { vpc } of due) await flowCollections.put(tx, { vpc, to: now });
  });
  const byPort = Map.groupBy(flows, (flow) => flow.port);
  const skipped = new Set(overflowed);
  for (const { rows, from, due: end } of due) {
    // A clock that leapt makes no interval longer than it may be.
    const window = { from: Math.max(from, now - (end - from)), to: now };
    for (const row of rows) {
      await context.giveWay();
      await send(context, row, window, deliveriesOf(records, row, byPort, skipped, window));
    }
  }
}

async function send(context: ReconcilerContext, row: FlowLog, window: Window, deliveries: readonly Delivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const message = await deliver(context, row, window.from, deliveries).catch((error: unknown) => {
    context.log(`the records of ${row.id} were not delivered: ${(error as Error).message}`);
    return 'Unknown error';
  });
  await context.store.write(async (tx) => {
    const known = await flowLogFailures.get(tx, row.id);
    if (known?.message === message) return;
    if (message === undefined) await flowLogFailures.delete(tx, row.id);
    else await flowLogFailures.put(tx, { flowLog: row.id, message });
  });
}

function deliveriesOf(
  records: NetworkRecords,
  row: FlowLog,
  byPort: ReadonlyMap<string, SeenFlow[]>,
  overflowed: ReadonlySet<string>,
  window: Window,
): Delivery[] {
  const fields = fieldsOf(row.format);
  const version = versionOf(fields);
  const own = [...records.interfaces.values()].filter((one) => isAbout(row, one));
  return own.flatMap((networkInterface) => {
    const told = tell(records, row, networkInterface, byPort.get(networkInterface.id) ?? [], window);
    if (overflowed.has(networkInterface.id)) told.push(recordWithoutFlow(networkInterface, window, 'SKIPDATA'));
    if (told.length === 0) return [];
    return [{ networkInterface: networkInterface.id, lines: told.map((record) => lineOf(fields, { version, ...record })) }];
  });
}

/** None where all that it saw is of the other kind. */
function tell(
  records: NetworkRecords,
  { traffic }: FlowLog,
  row: NetworkInterface,
  flows: readonly SeenFlow[],
  window: Window,
): RecordFields[] {
  if (flows.length === 0) return [recordWithoutFlow(row, window, 'NODATA')];
  return flows.filter((flow) => traffic === 'ALL' || traffic === actionOf(flow)).map((flow) => recordOf(records, row, flow, window));
}
