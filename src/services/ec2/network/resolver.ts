/** The name server of a VPC: names of its interfaces, of those in peered VPCs that allow it, and of public addresses. */

import { decode, encode, RECURSION_AVAILABLE, AUTHORITATIVE_ANSWER, type Answer, type Question } from 'dns-packet';
import type { ReadTransaction } from '../../../store/store.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';
import { privateDomain } from '../dhcp-options/dhcp-options.ts';
import { networkInterfaces, networkInterfaceType, privateDnsName } from '../network-interfaces/network-interface.ts';
import { resourcesBy, type Place } from '../resource.ts';
import { livePeeringsOfVpc } from '../vpc-peering-connections/peering.ts';
import { apiAddressOf, publicName, serviceNamed } from '../vpc-endpoints/services.ts';
import { endpointNames, endpointsOfVpc } from '../vpc-endpoints/vpc-endpoint.ts';
import { interfacesOf } from '../vpc-endpoints/wiring.ts';
import type { Vpc } from '../vpcs/vpc.ts';
import { cidrOf, holds, parseAddress } from '../../../framework/cidr.ts';

const secondsToLive = 60;
const FORMAT_ERROR = 1;
const NO_SUCH_NAME = 3;
const REFUSED = 5;

/** What to answer to one datagram; nothing for what is no question. `isBeyond`: it asks for a name of others, which is refused here. */
export type QueryAnswer = { message?: Uint8Array; isBeyond?: true };

export async function answerQuery(tx: ReadTransaction, vpc: Vpc, message: Buffer): Promise<QueryAnswer> {
  const query = decoded(message);
  if (!query || query.type === 'response') return {};
  const reply = { id: query.id ?? 0, type: 'response' as const, questions: query.questions ?? [] };
  const [question, ...more] = reply.questions;
  const flags = RECURSION_AVAILABLE | AUTHORITATIVE_ANSWER | ((query.flags ?? 0) & 0x0100);
  if (!question || more.length > 0) return { message: encode({ ...reply, questions: [], flags: flags | FORMAT_ERROR }) };
  const found = await answersTo(tx, vpc, question);
  if (typeof found !== 'number') return { message: encode({ ...reply, flags, answers: found }) };
  return { message: encode({ ...reply, flags: flags | found }), ...(found === REFUSED && { isBeyond: true as const }) };
}

function decoded(message: Buffer): ReturnType<typeof decode> | undefined {
  try {
    return decode(message);
  } catch {
    return undefined; // a guest may send anything
  }
}

async function answersTo(tx: ReadTransaction, vpc: Vpc, question: Question): Promise<Answer[] | number> {
  const name = question.name.toLowerCase();
  const reverse = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (reverse) return pointer(tx, vpc, question, reverse.slice(1).reverse().join('.'));
  const inner = addressIn(name, 'ip', privateDomain(vpc.region));
  const outer = addressIn(name, 'ec2', vpc.region === 'us-east-1' ? 'compute-1.amazonaws.com' : `${vpc.region}.compute.amazonaws.com`);
  if (inner === undefined && outer === undefined && name.endsWith('.amazonaws.com')) return serviceAddresses(tx, vpc, question, name);
  if (inner === undefined && outer === undefined) return name.endsWith(`.${privateDomain(vpc.region)}`) ? NO_SUCH_NAME : REFUSED;
  const address = inner === undefined ? await publicOrPrivate(tx, vpc, outer!) : await knownAddress(tx, vpc, inner);
  if (address === undefined) return NO_SUCH_NAME;
  return question.type === 'A' ? [{ type: 'A', name: question.name, ttl: secondsToLive, data: address }] : [];
}

/** A service of the cloud's own: at the endpoint that has its name in this VPC, or else at its public address. */
async function serviceAddresses(tx: ReadTransaction, vpc: Vpc, question: Question, name: string): Promise<Answer[] | number> {
  const found = (await endpointAddresses(tx, vpc, name)) ?? (name.includes('.vpce.') ? undefined : apiAddressOf(name));
  if (found === undefined) return NO_SUCH_NAME;
  if (question.type !== 'A') return [];
  return [found].flat().map((data) => ({ type: 'A', name: question.name, ttl: secondsToLive, data }));
}

async function endpointAddresses(tx: ReadTransaction, vpc: Vpc, name: string): Promise<string[] | undefined> {
  for (const endpoint of await endpointsOfVpc(tx, vpc, vpc.id)) {
    const service = serviceNamed(vpc.region, endpoint.serviceName);
    if (endpoint.type !== 'Interface' || !service) continue;
    const ports = await interfacesOf(tx, endpoint);
    const all = ports.map((port) => port.addresses[0]!.address);
    const [own, ...zonal] = endpointNames(
      endpoint,
      ports.map(({ zone }) => zone),
    );
    const at = zonal.indexOf(name);
    if (at >= 0) return [all[at]!];
    const common = endpoint.privateDns ? publicName(service, vpc.region) : '';
    // A bucket's name stands before that of S3.
    if (name === own || name === common || name.endsWith(`.${own}`) || (common !== '' && name.endsWith(`.${common}`))) return all;
  }
  return undefined;
}

/** The address in a name like `ip-10-0-1-5.ec2.internal`. */
function addressIn(name: string, prefix: string, domain: string): string | undefined {
  const host = name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : '';
  const digits = host.startsWith(`${prefix}-`) ? host.slice(prefix.length + 1).replaceAll('-', '.') : '';
  return parseAddress(digits) === undefined ? undefined : digits;
}

/** One of an interface in the VPC, or in a peered one whose side lets its names be asked for. */
async function knownAddress(tx: ReadTransaction, vpc: Vpc, address: string): Promise<string | undefined> {
  if (
    await isHeldIn(
      tx,
      vpc,
      vpc.id,
      vpc.cidrs.map(({ cidr }) => cidr),
      address,
    )
  )
    return address;
  for (const { requester, accepter } of await livePeeringsOfVpc(tx, vpc, vpc.id)) {
    const other = requester.vpc === vpc.id ? accepter : requester;
    if (other.remoteDns === true && (await isHeldIn(tx, other, other.vpc, other.cidrs, address))) return address;
  }
  return undefined;
}

async function isHeldIn(tx: ReadTransaction, place: Place, vpc: string, cidrs: readonly string[], address: string): Promise<boolean> {
  if (!cidrs.some((cidr) => holds(cidrOf(cidr), parseAddress(address)!))) return false;
  const rows = await resourcesBy(tx, place, networkInterfaceType, 'vpc', vpc);
  return rows.some((row) => row.addresses.some((one) => one.address === address));
}

/** Inside its own VPC a public name means the private address. */
async function publicOrPrivate(tx: ReadTransaction, vpc: Vpc, address: string): Promise<string | undefined> {
  const use = await publicAddresses.get(tx, address);
  if (!use) return undefined;
  for (const { row } of await networkInterfaces.scanIndex(tx, 'vpc', [vpc.account, vpc.region, vpc.id])) {
    const held = row.addresses.find((one) => one.public?.address === address);
    if (held) return held.address;
  }
  return address;
}

async function pointer(tx: ReadTransaction, vpc: Vpc, question: Question, address: string): Promise<Answer[] | number> {
  if (parseAddress(address) === undefined || (await knownAddress(tx, vpc, address)) === undefined) return NO_SUCH_NAME;
  return [{ type: 'PTR', name: question.name, ttl: secondsToLive, data: privateDnsName(address, vpc.region) }];
}
