/** Further addresses of a NAT gateway, by which it speaks as by its first: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { elasticAddresses, elasticAddressType } from '../addresses/address.ts';
import { associate, dissociate } from '../addresses/associations.ts';
import { invalidParameterCombination, invalidParameterValue, limitExceeded, refusal } from '../errors.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { newId, requireResource } from '../resource.ts';
import { reservedRanges } from '../subnets/cidr-reservation.ts';
import { checkAddress, drawStart, pickAddresses, subnetType, takenAddresses } from '../subnets/subnet.ts';
import type { NatGateway, NatAddress } from './nat-gateway.ts';

/** Beside the first one: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html */
const secondaryMax = 7;

export type WantedAddresses = {
  /** Elastic addresses, one for each private one. */
  allocations?: readonly string[];
  /** Private addresses; free ones are picked where none are named. */
  addresses?: readonly string[];
  /** How many to pick, of a private gateway. */
  count?: number;
};

/** What chance gives, drawn before the transaction. */
export type AddressDraw = { start: number; associations: string[] };

export const drawAddresses = ({ random }: ServiceRequest): AddressDraw => ({
  start: drawStart(random),
  associations: Array.from({ length: secondaryMax }, () => newId(random, 'eipassoc')),
});

/** Gives a gateway further addresses. Throws for those that are in use, and where there would be too many. */
export async function addAddresses(
  tx: WriteTransaction,
  request: ServiceRequest,
  row: NatGateway,
  { allocations = [], addresses = [], count = 0 }: WantedAddresses,
  draw: AddressDraw,
): Promise<NatGateway> {
  const wanted = Math.max(allocations.length, addresses.length, count);
  if (wanted === 0) return row;
  if (addresses.length > 0 && (count > 0 || (allocations.length > 0 && allocations.length !== addresses.length)))
    throw invalidParameterCombination('The number of private IP addresses must match the number of allocation IDs.');
  if ((row.secondary?.length ?? 0) + wanted > secondaryMax)
    throw limitExceeded('NatGatewayAddressLimitExceeded', `A NAT gateway can have up to ${secondaryMax + 1} addresses.`);
  const port = (await networkInterfaces.get(tx, row.account, row.region, row.networkInterface))!;
  const subnet = await requireResource(tx, request, subnetType, row.subnet);
  const taken = await takenAddresses(tx, subnet);
  for (const address of addresses) {
    checkAddress(subnet, taken, address);
    taken.add(address);
  }
  const chosen = addresses.length > 0 ? addresses : pickAddresses(subnet, taken, await reservedRanges(tx, subnet), wanted, draw.start);
  await networkInterfaces.put(tx, { ...port, addresses: [...port.addresses, ...chosen.map((address) => ({ address, primary: false }))] });
  const added: NatAddress[] = [];
  for (const [at, privateAddress] of chosen.entries()) {
    const allocation = allocations[at];
    added.push({
      privateAddress,
      ...(allocation !== undefined && (await hold(tx, request, row, allocation, privateAddress, draw.associations[at]!))),
    });
  }
  return { ...row, secondary: [...(row.secondary ?? []), ...added] };
}

/** Makes an elastic address the gateway's. */
async function hold(
  tx: WriteTransaction,
  request: ServiceRequest,
  row: NatGateway,
  allocation: string,
  privateAddress: string,
  association: string,
): Promise<Omit<NatAddress, 'privateAddress'>> {
  const elastic = await requireResource(tx, request, elasticAddressType, allocation);
  if (elastic.association) throw refusal('InvalidAllocationID.InUse')(`Elastic IP [${elastic.id}] is already associated`);
  await associate(tx, elastic, row.networkInterface, privateAddress, association);
  await elasticAddresses.put(tx, { ...(await elasticAddresses.get(tx, row.account, row.region, allocation))!, service: row.id });
  return { allocation, association, publicAddress: elastic.publicAddress };
}

/** Takes further addresses away; elastic ones stay with their account. */
export async function dropAddresses(tx: WriteTransaction, row: NatGateway, gone: readonly NatAddress[]): Promise<NatGateway> {
  for (const { allocation } of gone) if (allocation !== undefined) await release(tx, row, allocation);
  const port = await networkInterfaces.get(tx, row.account, row.region, row.networkInterface);
  const privates = gone.map(({ privateAddress }) => privateAddress);
  if (port) await networkInterfaces.put(tx, { ...port, addresses: port.addresses.filter(({ address }) => !privates.includes(address)) });
  const { secondary = [], ...bare } = row;
  const left = secondary.filter(({ privateAddress }) => !privates.includes(privateAddress));
  return left.length > 0 ? { ...bare, secondary: left } : bare;
}

/** An elastic address of a gateway is free again. */
export async function release(tx: WriteTransaction, { account, region }: NatGateway, allocation: string): Promise<void> {
  const elastic = await elasticAddresses.get(tx, account, region, allocation);
  if (!elastic) return;
  const { service: _service, ...free } = elastic;
  await dissociate(tx, free);
}

/** Throws InvalidParameterValue for the way in which AWS lets connections end that Haneul does not wait for. */
export function checkDrain(seconds: number | undefined): void {
  if (seconds !== undefined && (!Number.isInteger(seconds) || seconds < 1 || seconds > 4000))
    throw invalidParameterValue('MaxDrainDurationSeconds must be between 1 and 4000.');
}
