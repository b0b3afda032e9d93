/** What an endpoint is tied to: routes to it, and interfaces of its own. Inside of transactions. */

import type { Random } from '../../../framework/random.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { invalidParameter, invalidParameterValue, refusal } from '../errors.ts';
import { checkedGroups, makeInterface } from '../network-interfaces/making.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourcesBy, type Place } from '../resource.ts';
import { routeTables, routeTableType } from '../route-tables/route-table.ts';
import { drawStart, subnetType } from '../subnets/subnet.ts';
import type { Vpc } from '../vpcs/vpc.ts';
import { prefixListOf, serviceNamed } from './services.ts';
import { endpointsOfVpc, vpcEndpoints, type VpcEndpoint } from './vpc-endpoint.ts';

/** Route tables that lead to a gateway endpoint. */
export async function tablesOf(tx: ReadTransaction, row: VpcEndpoint): Promise<string[]> {
  const all = await resourcesBy(tx, row, routeTableType, 'vpc', row.vpc);
  return all.filter((table) => table.routes.some(({ target }) => target === row.id)).map(({ id }) => id);
}

/** Throws where a table is another VPC's, or leads to such an endpoint already. */
export async function addRoutes(tx: WriteTransaction, row: VpcEndpoint, tables: readonly string[]): Promise<void> {
  if (tables.length === 0) return;
  const list = prefixListOf(row.region, serviceNamed(row.region, row.serviceName)!).id;
  for (const id of new Set(tables)) {
    const table = await requireResource(tx, row, routeTableType, id);
    if (table.vpc !== row.vpc) throw invalidParameter(`Route table ${id} does not belong to the VPC ${row.vpc}.`);
    const present = table.routes.find(({ destination }) => destination === list);
    if (present) throw refusal('RouteAlreadyExists')(`route table ${id} already has a route with destination-prefix-list-id ${list}`);
    await routeTables.put(tx, { ...table, routes: [...table.routes, { destination: list, target: row.id }] });
  }
}

export async function removeRoutes(tx: WriteTransaction, row: VpcEndpoint, tables: readonly string[]): Promise<void> {
  for (const id of tables) {
    const table = await routeTables.get(tx, row.account, row.region, id);
    if (table) await routeTables.put(tx, { ...table, routes: table.routes.filter(({ target }) => target !== row.id) });
  }
}

/** Drawn before the transaction, for each subnet. */
export type Drawn = { eni: string; attachment: string; start: number };

/** One for each subnet. */
export function drawFor({ random }: { random: Random }, subnets: readonly string[]): Drawn[] {
  return subnets.map(() => ({ eni: newId(random, 'eni'), attachment: newId(random, 'eni-attach'), start: drawStart(random) }));
}

/** An interface in each subnet, of which a zone may have one. Gives the endpoint with them. */
export async function addInterfaces(
  tx: WriteTransaction,
  request: Place & { now: number },
  row: VpcEndpoint,
  subnets: readonly string[],
  drawn: readonly Drawn[],
): Promise<VpcEndpoint> {
  let made = row;
  for (const [at, id] of subnets.entries()) {
    const subnet = await requireResource(tx, request, subnetType, id);
    if (subnet.vpc !== row.vpc) throw invalidParameterValue(`Subnet ${id} does not belong to the VPC ${row.vpc}.`);
    for (const other of made.subnets)
      if ((await requireResource(tx, request, subnetType, other)).zone === subnet.zone)
        throw refusal('DuplicateSubnetsInSameZone')(`Found another VPC endpoint subnet in the availability zone of ${id}`);
    const { eni, attachment, start } = drawn[at]!;
    const port = await makeInterface(tx, request, subnet, {
      ...{ id: eni, start, description: `VPC Endpoint Interface ${row.id}`, type: 'vpc_endpoint', groups: row.groups },
      ...{ requester: 'amazon-aws', sourceDestCheck: true },
      attachment: {
        ...{ id: attachment, owner: 'amazon-aws', deviceIndex: 1, status: 'attaching', attachedAt: request.now },
        deleteOnTermination: false,
      },
    });
    made = { ...made, subnets: [...made.subnets, id], interfaces: [...made.interfaces, port.id] };
  }
  return made;
}

/** Gives the endpoint without the interfaces in these subnets. */
export async function removeInterfaces(tx: WriteTransaction, row: VpcEndpoint, subnets: readonly string[]): Promise<VpcEndpoint> {
  const gone = new Set(subnets);
  const kept: string[] = [];
  for (const port of await interfacesOf(tx, row))
    if (gone.has(port.subnet)) await networkInterfaces.delete(tx, port.account, port.region, port.id);
    else kept.push(port.id);
  return { ...row, subnets: row.subnets.filter((id) => !gone.has(id)), interfaces: kept };
}

export async function interfacesOf(tx: ReadTransaction, { account, region, interfaces }: VpcEndpoint): Promise<NetworkInterface[]> {
  const rows = await networkInterfaces.getMany(
    tx,
    interfaces.map((id) => [account, region, id]),
  );
  return rows.filter((row) => row !== undefined);
}

/** Other groups, for all of its interfaces. */
export async function regroup(tx: WriteTransaction, row: VpcEndpoint, groups: readonly string[]): Promise<VpcEndpoint> {
  const checked = await checkedGroups(tx, row, row.vpc, groups);
  for (const port of await interfacesOf(tx, row)) await networkInterfaces.put(tx, { ...port, groups: checked });
  return { ...row, groups: checked };
}

/** The public name of a service can mean one endpoint of a VPC, whose name server answers at all. */
export async function checkPrivateDns(tx: ReadTransaction, row: VpcEndpoint, vpc: Vpc): Promise<void> {
  if (!vpc.dnsSupport || !vpc.dnsHostnames)
    throw invalidParameter(
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpc.id}`,
    );
  const others = await endpointsOfVpc(tx, row, vpc.id);
  if (others.some((one) => one.id !== row.id && one.privateDns && one.serviceName === row.serviceName))
    throw invalidParameter(
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${row.serviceName} in the VPC ${vpc.id}`,
    );
}

/** Takes an endpoint away with all that it is tied to. */
export async function removeEndpoint(tx: WriteTransaction, row: VpcEndpoint): Promise<void> {
  await removeRoutes(tx, row, await tablesOf(tx, row));
  await removeInterfaces(tx, row, row.subnets);
  await vpcEndpoints.delete(tx, row.account, row.region, row.id);
}
