/** Meters the bytes that interfaces have carried: https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer, https://aws.amazon.com/vpc/pricing/ */

import type { CarriedBytes } from '../../../framework/networks.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { table } from '../../../store/table.ts';
import { natGateways } from '../nat-gateways/nat-gateway.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { subnets } from '../subnets/subnet.ts';
import { vpcEndpoints } from '../vpc-endpoints/vpc-endpoint.ts';
import { usesOf, type Payer, type TransferUse } from './uses.ts';

const lookMilliseconds = 60_000;

/** How many bytes of a router's count have been metered. */
type MeteredTraffic = Omit<CarriedBytes, 'bytes'> & { metered: number };

export const meteredTraffic = table<MeteredTraffic>('ec2/metered-traffic', { key: (row) => [row.port, row.direction, row.over] });

export const trafficMeter: Reconciler = {
  name: 'ec2/traffic',
  every: lookMilliseconds,
  everyReal: lookMilliseconds,
  run: async (context) => {
    const { store, host } = context;
    const facts = await store.read(async (tx) => ({
      ports: new Map((await networkInterfaces.scan(tx)).map(({ row }) => [row.id, row])),
      zones: new Map((await subnets.scan(tx)).map(({ row }) => [row.id, row.zone])),
      nats: new Map((await natGateways.scan(tx)).map(({ row }) => [row.networkInterface, row.id])),
      endpoints: new Map((await vpcEndpoints.scan(tx)).flatMap(({ row }) => row.interfaces.map((id) => [id, row.id] as const))),
    }));
    const carried = await host.networks.carried([...new Set([...facts.ports.values()].map(({ vpc }) => vpc))]);
    const risen = await takeRises(context, carried, facts.ports);
    for (const rise of risen) {
      const port = facts.ports.get(rise.port)!;
      const payer = payerOf(port, facts.nats.get(port.id), facts.endpoints.get(port.id));
      for (const use of usesOf(payer.kind, rise, port.zone, facts.zones.get(rise.over))) record(context, port, payer, use, rise.bytes);
    }
  },
};

/** Who is named on the bill for what an interface carries. */
function payerOf(
  { account, region, id, attachment }: NetworkInterface,
  nat: string | undefined,
  endpoint: string | undefined,
): Payer & { resource: string } {
  const arn = (what: string): string => `arn:aws:ec2:${region}:${account}:${what}`;
  if (nat !== undefined) return { kind: 'nat-gateway', resource: arn(`natgateway/${nat}`) };
  if (endpoint !== undefined) return { kind: 'endpoint', resource: arn(`vpc-endpoint/${endpoint}`) };
  const instance = attachment?.instance;
  return { kind: 'instance', resource: arn(instance === undefined ? `network-interface/${id}` : `instance/${instance}`) };
}

/**
 * By how much counts have risen since they were looked at last. Written down before it is metered: a crash between forgets a minute
 * rather than charging it twice.
 */
async function takeRises(
  { store }: ReconcilerContext,
  carried: readonly CarriedBytes[],
  ports: ReadonlyMap<string, NetworkInterface>,
): Promise<CarriedBytes[]> {
  const known = await store.read((tx) => meteredTraffic.scan(tx));
  const gone = known.filter(({ row }) => !ports.has(row.port));
  const counts = carried.filter(({ port }) => ports.has(port));
  if (gone.length === 0 && counts.length === 0) return [];
  return store.write(async (tx) => {
    for (const { row } of gone) await meteredTraffic.delete(tx, row.port, row.direction, row.over);
    const risen: CarriedBytes[] = [];
    for (const { bytes, ...way } of counts) {
      const last = await meteredTraffic.get(tx, way.port, way.direction, way.over);
      // A router that was made anew has begun at nothing.
      const from = last?.epoch === way.epoch && last.metered <= bytes ? last.metered : 0;
      if (bytes === from) continue;
      await meteredTraffic.put(tx, { ...way, metered: bytes });
      risen.push({ ...way, bytes: bytes - from });
    }
    return risen;
  });
}

function record(
  { meter, clock }: ReconcilerContext,
  { account, region }: NetworkInterface,
  { resource }: { resource: string },
  { usageType, operation }: TransferUse,
  quantity: number,
): void {
  meter.record({ account, region, service: 'ec2', usageType, operation, resource, unit: 'Bytes', quantity, at: clock.now() });
}
