/** Capacity for expedited retrievals, bought by the month: https://docs.aws.amazon.com/amazonglacier/latest/dev/api-PurchaseProvisionedCapacity.html */

import { limitExceeded } from '../errors.ts';
import { provisionedCapacityUnitsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { capacityUnits, type CapacityUnit } from '../tables.ts';
import { accountOf } from '../vaults/vault.ts';

export const PurchaseProvisionedCapacity: Operation<'PurchaseProvisionedCapacity'> = async (request, input) => {
  const { region, now } = request;
  const account = accountOf(request, input.accountId);
  const unit: CapacityUnit = { account, region, id: request.random.bytes(18).toString('base64url'), start: now, end: aMonthAfter(now) };
  await request.store.write(async (tx) => {
    const present = (await capacityUnits.scan(tx, [account, region])).map(({ row }) => row);
    for (const { id, end } of present) if (end <= now) await capacityUnits.delete(tx, account, region, id);
    if (present.filter(({ end }) => end > now).length >= provisionedCapacityUnitsMax)
      throw limitExceeded(`The limit of ${provisionedCapacityUnitsMax} provisioned capacity units is reached.`);
    await capacityUnits.put(tx, unit);
  });
  request.use({ usageType: 'ProvisionedCapacityUnits', quantity: 1, unit: 'Count', resource: unit.id });
  return { capacityId: unit.id };
};

export const ListProvisionedCapacity: Operation<'ListProvisionedCapacity'> = async (request, input) => {
  const account = accountOf(request, input.accountId);
  const units = await request.store.read((tx) => capacityUnits.scan(tx, [account, request.region]));
  const running = units.map(({ row }) => row).filter(({ end }) => end > request.now);
  return { ProvisionedCapacityList: running.sort((a, b) => a.start - b.start).map(described) };
};

function described({ id, start, end }: CapacityUnit) {
  return { CapacityId: id, StartDate: new Date(start).toISOString(), ExpirationDate: new Date(end).toISOString() };
}

/** The same day of the next month, or its last. */
function aMonthAfter(time: number): number {
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + 1);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}
