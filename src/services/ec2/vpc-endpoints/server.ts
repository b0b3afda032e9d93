/** Has the cloud's own API answered in networks: at its public addresses, in gateway endpoints, and at the interfaces of others. */

import { createHash } from 'node:crypto';
import type { CallersNetwork } from '../../../framework/http-message.ts';
import type { ListenAt, Networks } from '../../../framework/networks.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import type { NetworkRecords } from '../network/records.ts';
import { routeTables } from '../route-tables/route-table.ts';
import { subnets } from '../subnets/subnet.ts';
import { vpcs, type Vpc } from '../vpcs/vpc.ts';
import { apiAddresses, homeOf, prefixListOf, serviceNamed } from './services.ts';
import { vpcEndpoints, type VpcEndpoint } from './vpc-endpoint.ts';

type Means = Pick<ReconcilerContext, 'store' | 'host' | 'api'>;

/** In the clear, and as SDKs ask. */
const doors = [{ port: 80 }, { port: 443, tls: true }] as const;
/** As those of the cloud's own port, but for a body that takes its time. */
const limits = { requestMilliseconds: 3_600_000, headerBytes: 32 * 1024 };

/** Whenever the public addresses lead to the networks: those of the cloud itself are answered. What listens there already stays. */
export async function serveDoors(means: Means, records: NetworkRecords): Promise<void> {
  const gateways = new Set([...records.internetGateways.values()].map(({ vpc }) => vpc));
  if (![...liveVpcs(means, records).keys()].some((vpc) => gateways.has(vpc))) return;
  await serveAll(
    means,
    apiAddresses.map((address) => ({ vpc: 'internet', address })),
    (request) => means.api(request),
  );
}

/** Whenever the networks' ports are there. What listens there already stays. */
export async function serveEndpoints(means: Means, records: NetworkRecords): Promise<void> {
  const live = liveVpcs(means, records);
  for (const endpoint of records.endpoints.values()) {
    const vpc = live.get(endpoint.vpc);
    const service = serviceNamed(endpoint.region, endpoint.serviceName);
    if (!vpc || !service) continue;
    if (endpoint.type === 'Gateway') await serveGateway(means, vpc, service.short);
    else
      for (const id of endpoint.interfaces) {
        const row = records.interfaces.get(id);
        if (row && means.host.networks.isUp(id)) await serveInterface(means, endpoint, row);
      }
  }
}

/** Those that are on the machine, by id. */
function liveVpcs({ host }: Means, records: NetworkRecords): Map<string, Vpc> {
  const up = [...records.interfaces.values()].filter((row) => host.networks.isUp(row.id));
  return new Map(up.flatMap(({ vpc }) => (records.vpcs.has(vpc) ? [[vpc, records.vpcs.get(vpc)!] as const] : [])));
}

type Answer = Parameters<Networks['serveHttp']>[1];

async function serveAll({ host }: Means, places: readonly Omit<ListenAt, 'port'>[], answer: Answer): Promise<void> {
  const all = places.flatMap((place) => doors.map((door) => ({ ...place, ...door })));
  await Promise.all(all.map((at) => host.networks.serveHttp(at, answer, limits)));
}

/** Which of a VPC's endpoints a call came through is told by the routes of the caller's subnet. */
async function serveGateway(means: Means, vpc: Vpc, short: string): Promise<void> {
  await serveAll(means, [{ vpc: vpc.id, address: homeOf(short) }], async (request, from) => {
    const endpoint = await gatewayOf(means, vpc, short, from);
    return means.api({ ...request, network: networkOf(vpc.id, endpoint, from) });
  });
}

async function gatewayOf({ store }: Means, { account, region, id }: Vpc, short: string, from: string): Promise<VpcEndpoint | undefined> {
  const list = prefixListOf(region, serviceNamed(region, `com.amazonaws.${region}.${short}`)!).id;
  return store.read(async (tx) => {
    const rows = await networkInterfaces.scanIndex(tx, 'vpc', [account, region, id]);
    const caller = rows.find(({ row }) => row.addresses.some(({ address }) => address === from))?.row;
    const subnet = caller && (await subnets.get(tx, account, region, caller.subnet));
    const vpc = await vpcs.get(tx, account, region, id);
    const table = vpc && (await routeTables.get(tx, account, region, subnet?.routeTable?.id ?? vpc.main.routeTable));
    const target = table?.routes.find(({ destination }) => destination === list)?.target;
    return target === undefined ? undefined : vpcEndpoints.get(tx, account, region, target);
  });
}

async function serveInterface(means: Means, { account, region, id }: VpcEndpoint, row: NetworkInterface): Promise<void> {
  const at = { vpc: row.vpc, namespace: means.host.networks.namespaceOf(row.id), address: row.addresses[0]!.address };
  await serveAll(means, [at], async (request, from) => {
    const endpoint = await means.store.read((tx) => vpcEndpoints.get(tx, account, region, id));
    return means.api({ ...request, network: networkOf(row.vpc, endpoint, from) });
  });
}

/** A call over a connection that has outlived its endpoint comes out of the VPC, and through nothing. */
function networkOf(vpc: string, endpoint: VpcEndpoint | undefined, address: string): CallersNetwork {
  if (!endpoint) return { vpc, address };
  return { vpc, address, vpcEndpoint: endpoint.id, policy: { name: endpoint.id, document: documentOf(endpoint.policy) } };
}

/** Compiled policies are remembered by their document, so the same text gives the same one. */
const documents = new Map<string, ReturnType<typeof parsePolicy>>();
const documentsMax = 200;

function documentOf(text: string): ReturnType<typeof parsePolicy> {
  const key = createHash('sha256').update(text).digest('base64');
  const known = documents.get(key);
  if (known) return known;
  if (documents.size >= documentsMax) documents.clear();
  const document = parsePolicy(text, 'resource');
  documents.set(key, document);
  return document;
}
