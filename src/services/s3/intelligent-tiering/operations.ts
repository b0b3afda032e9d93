/** The Intelligent-Tiering configurations of a bucket. */

import { requireBucket } from '../buckets/lookup.ts';
import { invalidArgument, invalidRequest, noSuchIdentified } from '../errors.ts';
import { tieringConfigurationsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { tieringConfigurations, type TieringConfiguration } from '../tables.ts';
import { readConfiguration } from './configuration.ts';

const idForm = /^[a-zA-Z0-9._-]{1,64}$/;
const pageSize = 100;

export const PutBucketIntelligentTieringConfiguration: Operation<'PutBucketIntelligentTieringConfiguration'> = async (request, input) => {
  if (!idForm.test(input.Id)) throw invalidArgument('The configuration id is invalid', 'id', input.Id);
  const configuration = readConfiguration(input.Bucket, input.Id, input.IntelligentTieringConfiguration);
  await request.store.write(async (tx) => {
    await requireBucket(tx, input.Bucket);
    const present = await tieringConfigurations.scan(tx, [input.Bucket], { limit: tieringConfigurationsMax });
    if (present.length === tieringConfigurationsMax && !present.some(({ row }) => row.id === input.Id))
      throw invalidRequest('You are attempting to create a new configuration but have already reached the 1,000-configuration limit.');
    await tieringConfigurations.put(tx, configuration);
  });
  return {};
};

export const GetBucketIntelligentTieringConfiguration: Operation<'GetBucketIntelligentTieringConfiguration'> = async (request, input) => {
  const found = idForm.test(input.Id) && (await request.store.read((tx) => tieringConfigurations.get(tx, input.Bucket, input.Id)));
  if (!found) throw noSuchIdentified();
  return { IntelligentTieringConfiguration: listed(found) };
};

export const DeleteBucketIntelligentTieringConfiguration: Operation<'DeleteBucketIntelligentTieringConfiguration'> = async (
  request,
  input,
) => {
  await request.store.write(async (tx) => {
    if (!idForm.test(input.Id) || !(await tieringConfigurations.get(tx, input.Bucket, input.Id))) throw noSuchIdentified();
    await tieringConfigurations.delete(tx, input.Bucket, input.Id);
  });
  return {};
};

export const ListBucketIntelligentTieringConfigurations: Operation<'ListBucketIntelligentTieringConfigurations'> = async (
  request,
  input,
) => {
  const rows = await request.store.read((tx) => tieringConfigurations.scan(tx, [input.Bucket], { limit: tieringConfigurationsMax }));
  const after = input.ContinuationToken === undefined ? '' : Buffer.from(input.ContinuationToken, 'base64url').toString();
  const left = rows.map(({ row }) => row).filter(({ id }) => id > after);
  const page = left.slice(0, pageSize);
  const IsTruncated = left.length > page.length;
  return {
    IsTruncated,
    ...(input.ContinuationToken !== undefined && { ContinuationToken: input.ContinuationToken }),
    ...(IsTruncated && { NextContinuationToken: Buffer.from(page.at(-1)!.id).toString('base64url') }),
    ...(page.length > 0 && { IntelligentTieringConfigurationList: page.map(listed) }),
  };
};

function listed({ id, enabled, filter, tierings }: TieringConfiguration) {
  return {
    Id: id,
    Status: enabled ? ('Enabled' as const) : ('Disabled' as const),
    ...(filter && { Filter: filter }),
    Tierings: tierings.map(({ tier, days }) => ({ AccessTier: tier, Days: days })),
  };
}
