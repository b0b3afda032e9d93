/** Reservations of a subnet's addresses: create, delete, list. */

import { invalidParameterValue, notBuilt, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { cidrOf, contains, formatCidr, overlaps, parseCidr } from '../../../framework/cidr.ts';
import { isIpv6 } from '../network/cidr6.ts';
import { pageOf, readPage } from '../pagination.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import type { Page } from '../../../store/table.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { cidrReservations, cidrReservationType, reservationsOf, type CidrReservation } from './cidr-reservation.ts';
import { subnetType } from './subnet.ts';

const shown = (row: CidrReservation) => ({
  ...{ SubnetCidrReservationId: row.id, SubnetId: row.subnet, Cidr: row.cidr, ReservationType: row.type, OwnerId: row.account },
  ...(row.description !== undefined && { Description: row.description }),
  ...tagSet(row),
});

export const CreateSubnetCidrReservation: Operation<'CreateSubnetCidrReservation'> = async (request, input) => {
  const { Cidr: text, ReservationType: type, Description: description } = input;
  if (type !== 'explicit' && type !== 'prefix') throw invalidParameterValue(`Value (${type}) for parameter reservationType is invalid.`);
  if (isIpv6(text)) throw notBuilt('CreateSubnetCidrReservation', 'an IPv6 Cidr');
  const cidr = parseCidr(text);
  if (!cidr) throw invalidParameterValue(`Value (${text}) for parameter cidr is invalid. This is not a valid CIDR block.`);
  const tags = tagsFor(input.TagSpecifications, 'subnet-cidr-reservation');
  const { account, region, random } = request;
  const row: CidrReservation = {
    ...{ account, region, id: newId(random, 'scr'), subnet: input.SubnetId, cidr: formatCidr(cidr), type },
    ...(description !== undefined && { description }),
    ...kept(tags),
  };
  await request.store.write(async (tx) => {
    const subnet = await requireResource(tx, request, subnetType, input.SubnetId);
    if (!contains(cidrOf(subnet.cidr), cidr))
      throw refusal('InvalidParameterValue')(`The CIDR '${text}' is not within the subnet's CIDR '${subnet.cidr}'.`);
    if ((await reservationsOf(tx, subnet)).some((other) => overlaps(cidrOf(other.cidr), cidr)))
      throw refusal('InvalidSubnetCidrReservation.Conflict')(`The CIDR '${text}' conflicts with another reservation of the subnet.`);
    await cidrReservations.put(tx, row);
  });
  return { SubnetCidrReservation: shown(row) };
};

export const DeleteSubnetCidrReservation: Operation<'DeleteSubnetCidrReservation'> = async (request, input) => {
  const row = await request.store.write(async (tx) => {
    const found = await requireResource(tx, request, cidrReservationType, input.SubnetCidrReservationId);
    await cidrReservations.delete(tx, found.account, found.region, found.id);
    return found;
  });
  return { DeletedSubnetCidrReservation: shown(row) };
};

const filters: Filters<CidrReservation> = { reservationType: (row) => row.type, 'subnet-id': (row) => row.subnet };

export const GetSubnetCidrReservations: Operation<'GetSubnetCidrReservations'> = async (request, input) => {
  const page = pageOf('subnet-cidr-reservations', input);
  const fits = compileFilters(input.Filters, filters);
  const { rows, next } = await request.store.read(async (tx) => {
    const { account, region, id } = await requireResource(tx, request, subnetType, input.SubnetId);
    const read = (range: Page) => cidrReservations.scanIndex(tx, 'subnet', [account, region, id], range);
    return readPage('subnet-cidr-reservations', page, read, (row) => (fits(row) ? row : undefined));
  });
  return { SubnetIpv4CidrReservations: rows.map(shown), SubnetIpv6CidrReservations: [], ...next };
};
