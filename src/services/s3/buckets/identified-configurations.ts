/** Configurations of which a bucket may have many, each with an id: request metrics, storage class analysis, inventories. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { requireBucket } from './lookup.ts';
import { idMismatch, invalidArgument, noSuchIdentified, tooManyConfigurations } from '../errors.ts';
import { identifiedConfigurationsMax, listedConfigurationsMax } from '../limits.ts';
import { identifiedConfigurations, type IdentifiedKind } from '../tables.ts';

type Named = { Bucket: string; Id: string };

/** Puts one in place of the one with its id. Throws InvalidArgument, TooManyConfigurations. */
export async function putIdentified(
  request: ServiceRequest,
  kind: IdentifiedKind,
  { Bucket: bucket, Id: id }: Named,
  value: { Id?: string | undefined },
) {
  if (!isId(id)) throw invalidArgument('The specified id is not valid.', 'id', id);
  if (value.Id !== id) throw idMismatch();
  await request.store.write(async (tx) => {
    await requireBucket(tx, bucket);
    const others = await identifiedConfigurations.scan(tx, [bucket, kind], { limit: identifiedConfigurationsMax });
    if (others.length >= identifiedConfigurationsMax && !others.some(({ row }) => row.id === id)) throw tooManyConfigurations();
    await identifiedConfigurations.put(tx, { bucket, kind, id, value });
  });
  return {};
}

export async function getIdentified<Value>(
  request: ServiceRequest,
  kind: IdentifiedKind,
  { Bucket: bucket, Id: id }: Named,
): Promise<Value> {
  const row = isId(id) ? await request.store.read((tx) => identifiedConfigurations.get(tx, bucket, kind, id)) : undefined;
  if (!row) throw noSuchIdentified();
  return row.value as Value;
}

export async function removeIdentified(
  request: ServiceRequest,
  kind: IdentifiedKind,
  { Bucket: bucket, Id: id }: Named,
): Promise<Record<string, never>> {
  await request.store.write(async (tx) => {
    if (!isId(id) || !(await identifiedConfigurations.get(tx, bucket, kind, id))) throw noSuchIdentified();
    await identifiedConfigurations.delete(tx, bucket, kind, id);
  });
  return {};
}

type Listing<Value> = { page: Value[]; IsTruncated: boolean; ContinuationToken?: string; NextContinuationToken?: string };

/** A page of them in the order of their ids. */
export async function listIdentified<Value>(
  request: ServiceRequest,
  kind: IdentifiedKind,
  { Bucket: bucket, ContinuationToken: token }: { Bucket: string; ContinuationToken?: string | undefined },
): Promise<Listing<Value>> {
  if (token !== undefined && !isId(token))
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  const rows = await request.store.read((tx) => {
    const limit = listedConfigurationsMax + 1;
    return token === undefined
      ? identifiedConfigurations.scan(tx, [bucket, kind], { limit })
      : identifiedConfigurations.between(tx, [bucket, kind, `${token}\0`], [bucket, kind, '\u{10ffff}'], { limit });
  });
  const page = rows.slice(0, listedConfigurationsMax).map(({ row }) => row);
  const isTruncated = rows.length > page.length;
  return {
    page: page.map((row) => row.value as Value),
    IsTruncated: isTruncated,
    ...(token !== undefined && { ContinuationToken: token }),
    ...(isTruncated && { NextContinuationToken: page.at(-1)!.id }),
  };
}

function isId(id: string): boolean {
  return /^[\w.-]{1,64}$/.test(id);
}
