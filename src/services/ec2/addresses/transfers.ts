/** Elastic addresses change accounts: one offers, the other takes within seven days. */

import type { Page } from '../../../store/table.ts';
import { invalidParameterValue, limitExceeded, refusal } from '../errors.ts';
import { pageOf, readPage } from '../pagination.ts';
import { newId, requireResource, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { addressesPerRegionMax, elasticAddresses, elasticAddressType } from './address.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';
import { addressTransfers, isPending, isShown, offerMilliseconds, type AddressTransfer } from './transfer.ts';

const shown = (row: AddressTransfer, status: 'pending' | 'disabled' | 'accepted') => ({
  AddressTransfer: {
    ...{ PublicIp: row.publicAddress, AllocationId: row.allocation, TransferAccountId: row.to, AddressTransferStatus: status },
    TransferOfferExpirationTimestamp: new Date(row.expires),
    ...(row.accepted !== undefined && { TransferOfferAcceptedTimestamp: new Date(row.accepted) }),
  },
});

export const EnableAddressTransfer: Operation<'EnableAddressTransfer'> = async (request, input) => {
  const { account, region, now } = request;
  const { TransferAccountId: to } = input;
  if (!/^\d{12}$/.test(to)) throw invalidParameterValue(`Invalid account ID '${to}'`);
  if (to === account) throw invalidParameterValue('An Elastic IP address cannot be transferred to the account that has it.');
  const row = await request.store.write(async (tx) => {
    const { id, publicAddress } = await requireResource(tx, request, elasticAddressType, input.AllocationId);
    // Offers that nobody took go when others come.
    for (const { row: old } of await addressTransfers.scan(tx, [account, region]))
      if (!isShown(old, now)) await addressTransfers.delete(tx, account, region, old.allocation);
    const made: AddressTransfer = { account, region, allocation: id, publicAddress, to, expires: now + offerMilliseconds };
    await addressTransfers.put(tx, made);
    return made;
  });
  return shown(row, 'pending');
};

export const DisableAddressTransfer: Operation<'DisableAddressTransfer'> = async (request, input) => {
  const { account, region, now } = request;
  const row = await request.store.write(async (tx) => {
    await requireResource(tx, request, elasticAddressType, input.AllocationId);
    const found = await addressTransfers.get(tx, account, region, input.AllocationId);
    if (!found || !isPending(found, now)) throw noOffer(input.AllocationId);
    await addressTransfers.delete(tx, account, region, found.allocation);
    return found;
  });
  return shown(row, 'disabled');
};

const noOffer = (what: string) => refusal('InvalidTransfer.NotFound')(`There is no pending transfer of '${what}'.`);

/** The address gets a new allocation, and loses its tags on the way. */
export const AcceptAddressTransfer: Operation<'AcceptAddressTransfer'> = async (request, input) => {
  const { account, region, now } = request;
  const tags = tagsFor(input.TagSpecifications, 'elastic-ip');
  const id = newId(request.random, 'eipalloc');
  const row = await request.store.write(async (tx) => {
    const offers = (await addressTransfers.scanIndex(tx, 'public', [region, input.Address])).map((one) => one.row);
    const offer = offers.find((one) => one.to === account && isPending(one, now));
    const given = offer && (await elasticAddresses.get(tx, offer.account, region, offer.allocation));
    if (!offer || !given) throw noOffer(input.Address);
    if (given.association)
      throw refusal('InvalidTransfer.AddressAssociated')(`The address '${given.publicAddress}' is associated and cannot be transferred.`);
    if ((await resourcesIn(tx, request, elasticAddressType)).length >= addressesPerRegionMax)
      throw limitExceeded('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    await elasticAddresses.delete(tx, given.account, region, given.id);
    await elasticAddresses.put(tx, { account, region, id, publicAddress: given.publicAddress, ...kept(tags) });
    await publicAddresses.put(tx, { address: given.publicAddress, account, region, allocation: id });
    const accepted = { ...offer, accepted: now };
    await addressTransfers.put(tx, accepted);
    return { ...accepted, allocation: id };
  });
  return shown(row, 'accepted');
};

export const DescribeAddressTransfers: Operation<'DescribeAddressTransfers'> = async (request, input) => {
  const { account, region, now } = request;
  const page = pageOf('address-transfers', input);
  const ids = input.AllocationIds ?? [];
  const { rows, next } = await request.store.read((tx) => {
    const read = (range: Page) => addressTransfers.scan(tx, [account, region], range);
    const isWanted = (row: AddressTransfer): boolean => isShown(row, now) && (ids.length === 0 || ids.includes(row.allocation));
    return readPage('address-transfers', page, read, (row) => (isWanted(row) ? row : undefined));
  });
  const statusOf = (row: AddressTransfer) => (row.accepted === undefined ? 'pending' : 'accepted');
  return { AddressTransfers: rows.map((row) => shown(row, statusOf(row)).AddressTransfer), ...next };
};
