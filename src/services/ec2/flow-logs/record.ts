/** What one record says of a flow, or of an interface that had none. */

import type { SeenFlow } from '../../../framework/networks.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { primaryAddress } from '../network-interfaces/network-interface.ts';
import { isIpv6 } from '../network/cidr6.ts';
import { inCidr, routeOf } from '../network/reachability.ts';
import type { NetworkRecords } from '../network/records.ts';
import type { RecordFields } from './format.ts';

/** From, to, in milliseconds. */
export type Window = { from: number; to: number };

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Of an interface without flows (`NODATA`), or with more than could be counted (`SKIPDATA`). */
export function recordWithoutFlow(row: NetworkInterface, window: Window, status: 'NODATA' | 'SKIPDATA'): RecordFields {
  return {
    ...{ 'account-id': row.account, 'interface-id': row.id, start: seconds(window.from), end: seconds(window.to), 'log-status': status },
    ...placeOf(row),
  };
}

function placeOf(row: NetworkInterface): RecordFields {
  const zone = zoneNamed(row.region, row.zone)?.id;
  return {
    ...{ 'vpc-id': row.vpc, 'subnet-id': row.subnet, region: row.region },
    ...(zone !== undefined && { 'az-id': zone }),
    ...(row.attachment?.instance !== undefined && { 'instance-id': row.attachment.instance }),
  };
}

/** The interface's own side is shown by its primary address; `pkt-` fields say what stood in the packets. */
export function recordOf(records: NetworkRecords, row: NetworkInterface, flow: SeenFlow, window: Window): RecordFields {
  const isOf6 = isIpv6(flow.source);
  // Its own side is shown as it stands in the packets where it has no primary address: of IPv6 there is none.
  const own = isOf6 ? undefined : primaryAddress(row);
  const path = flow.direction === 'egress' ? trafficPath(records, row, flow.destination) : undefined;
  return {
    ...recordWithoutFlow(row, window, 'NODATA'),
    ...{ srcaddr: (flow.direction === 'egress' ? own : undefined) ?? flow.source },
    dstaddr: (flow.direction === 'ingress' ? own : undefined) ?? flow.destination,
    ...{ srcport: flow.sourcePort, dstport: flow.destinationPort, protocol: flow.protocol, packets: flow.packets, bytes: flow.bytes },
    ...{ action: actionOf(flow), 'log-status': 'OK', 'tcp-flags': flow.tcpFlags, type: isOf6 ? 'IPv6' : 'IPv4' },
    ...{ 'pkt-srcaddr': flow.source, 'pkt-dstaddr': flow.destination, 'flow-direction': flow.direction },
    ...(path !== undefined && { 'traffic-path': path }),
  };
}

export const actionOf = (flow: SeenFlow): 'ACCEPT' | 'REJECT' => (flow.refused === undefined ? 'ACCEPT' : 'REJECT');

/** AWS's number for the way that a packet takes out of its interface. */
function trafficPath(records: NetworkRecords, row: NetworkInterface, destination: string): number | undefined {
  const vpc = records.vpcs.get(row.vpc);
  const subnet = records.subnets.get(row.subnet);
  if (!vpc || !subnet) return undefined;
  if ([...vpc.cidrs, ...(vpc.ipv6 ?? [])].some(({ cidr }) => inCidr(cidr, destination))) return 1;
  const { target = '' } = routeOf(records, vpc, subnet, destination);
  const kind = target.slice(0, target.indexOf('-'));
  return { igw: 8, eigw: 8, nat: 1, eni: 1, vpce: 7, pcx: peeringPath(records, target, row.region) }[kind];
}

function peeringPath(records: NetworkRecords, id: string, region: string): number {
  const peering = records.peerings.get(id);
  return peering && (peering.requester.region !== region || peering.accepter.region !== region) ? 5 : 4;
}
