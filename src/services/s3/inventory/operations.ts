/** Inventories of a bucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html */

import { getIdentified, listIdentified, putIdentified, removeIdentified } from '../buckets/identified-configurations.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidInventoryDestination } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets } from '../tables.ts';
import { checkInventory, type Inventory } from './configuration.ts';
import { inventoryReports } from './tables.ts';

export const PutBucketInventoryConfiguration: Operation<'PutBucketInventoryConfiguration'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const name = checkInventory(input.InventoryConfiguration);
  const destination = await request.store.read((tx) => buckets.get(tx, name));
  if (!destination) throw invalidInventoryDestination('The destination bucket does not exist', name);
  if (destination.region !== bucket.region)
    throw invalidInventoryDestination('The destination bucket must be in the same region as the source bucket', name);
  await putIdentified(request, 'inventory', input, input.InventoryConfiguration);
  await request.store.write(async (tx) => {
    if (!(await inventoryReports.get(tx, bucket.name, input.Id)))
      await inventoryReports.put(tx, { bucket: bucket.name, id: input.Id, since: request.now });
  });
  return {};
};

export const GetBucketInventoryConfiguration: Operation<'GetBucketInventoryConfiguration'> = async (request, input) => ({
  InventoryConfiguration: await getIdentified<Inventory>(request, 'inventory', input),
});

/** Reports that were made stay where they are. */
export const DeleteBucketInventoryConfiguration: Operation<'DeleteBucketInventoryConfiguration'> = async (request, input) => {
  await removeIdentified(request, 'inventory', input);
  await request.store.write((tx) => inventoryReports.delete(tx, input.Bucket, input.Id));
  return {};
};

export const ListBucketInventoryConfigurations: Operation<'ListBucketInventoryConfigurations'> = async (request, input) => {
  const { page, ...more } = await listIdentified<Inventory>(request, 'inventory', input);
  return { ...more, ...(page.length > 0 && { InventoryConfigurationList: page }) };
};
