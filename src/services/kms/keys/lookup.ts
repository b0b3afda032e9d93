/** The key that a call names, by id, ARN, alias or alias ARN, read once for the authorizer and the operation together. */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { aliasNotFound, invalidArn, keyNotFound, notFound } from '../errors.ts';
import { cachedPolicy, rememberPolicy } from '../key-policies/policy.ts';
import { aliasesPerKeyMax } from '../limits.ts';
import { aliases, keyPolicies, keys, type Key } from '../tables.ts';
import { aliasArn, keyArn } from './key.ts';
import { makeManagedKey, managedService } from './managed.ts';

export type Found = {
  key: Key;
  policy: PolicyDocument;
  /** All its aliases. */
  aliases: readonly string[];
  /** The alias by which the call named it. */
  alias?: string;
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** No key of ours has such an id, but it is one. */
const multiRegionId = /^mrk-[0-9a-f]{32}$/;

const lookups = new WeakMap<ServiceRequest, Map<string, Found>>();

/** Throws NotFoundException, InvalidArnException. */
export async function lookUp(request: ServiceRequest, keyId: string): Promise<Found> {
  let known = lookups.get(request);
  if (!known) lookups.set(request, (known = new Map()));
  const seen = known.get(keyId);
  if (seen) return seen;
  const found = (await find(request, keyId)) ?? (await findManaged(request, keyId));
  known.set(keyId, found);
  return found;
}

type Place = { account: string; region: string; id?: string; alias?: string };

/** Where a key id points. Throws NotFoundException for what is no key id, or is in another region, InvalidArnException for other ARNs. */
export function placeOf(request: ServiceRequest, keyId: string): Place {
  const { account, region } = request;
  if (keyId.startsWith('alias/')) return { account, region, alias: keyId };
  if (!keyId.startsWith('arn:')) {
    if (multiRegionId.test(keyId)) throw keyNotFound(arn('kms', region, account, `key/${keyId}`));
    if (!uuid.test(keyId)) throw notFound(`Invalid keyId '${keyId}'`);
    return { account, region, id: keyId };
  }
  const named = parseArn(keyId);
  if (!named || named.service !== 'kms' || named.partition !== 'aws') throw invalidArn(`Invalid arn ${keyId}`);
  if (named.region !== region) throw notFound(`Invalid arn ${named.region}`);
  if (!/^\d{12}$/.test(named.account)) throw invalidArn(`Invalid arn ${named.account}`);
  const { resource } = named;
  if (resource.startsWith('alias/')) return { account: named.account, region, alias: resource };
  if (!resource.startsWith('key/')) throw invalidArn(`Invalid arn ${keyId}`);
  if (!uuid.test(resource.slice(4))) throw keyNotFound(keyId);
  return { account: named.account, region, id: resource.slice(4) };
}

async function find(request: ServiceRequest, keyId: string): Promise<Found | undefined> {
  const place = placeOf(request, keyId);
  const { account, region, alias } = place;
  const found = await request.store.read(async (tx) => {
    const id = alias === undefined ? place.id : (await aliases.get(tx, account, region, alias))?.key;
    return id === undefined ? undefined : withPolicy(tx, await keys.get(tx, account, region, id));
  });
  if (found) return { ...found, ...(alias !== undefined && { alias }) };
  if (alias === undefined) throw keyNotFound(keyArn({ account, region, id: place.id! }));
  if (account !== request.account || !managedService(alias)) throw aliasNotFound(aliasArn({ account, region, name: alias }));
  return undefined;
}

/** The key of `alias/aws/…` comes into being when it is first named. */
async function findManaged(request: ServiceRequest, keyId: string): Promise<Found> {
  await makeManagedKey(request, keyId.slice(keyId.indexOf('alias/')));
  const found = await find(request, keyId);
  if (!found) throw aliasNotFound(keyId);
  return found;
}

/** The key of a ciphertext, which names it by its id only. Undefined when there is none in this region. */
export async function lookUpById(request: ServiceRequest, id: string): Promise<Found | undefined> {
  const known = lookups.get(request) ?? new Map<string, Found>();
  lookups.set(request, known);
  const seen = known.get(id);
  if (seen) return seen;
  const found = await request.store.read(async (tx) => withPolicy(tx, await keys.find(tx, 'id', request.region, id)));
  if (found) known.set(id, found);
  return found;
}

async function withPolicy(tx: ReadTransaction, key: Key | undefined): Promise<Found | undefined> {
  if (!key) return undefined;
  const named = await aliases.scanIndex(tx, 'key', [key.account, key.region, key.id], { limit: aliasesPerKeyMax });
  const found = { key, aliases: named.map(({ row }) => row.name) };
  const known = cachedPolicy(key.policy);
  if (known) return { ...found, policy: known };
  const stored = await keyPolicies.get(tx, key.account, key.region, key.id);
  // A policy may deny: without it nothing may be decided.
  if (!stored) throw new Error(`the policy of key ${key.id} is missing`);
  return { ...found, policy: rememberPolicy(stored.revision, stored.text) };
}

/** Inside a write: the key as it is now. */
export async function requireKey(tx: ReadTransaction, { account, region, id }: Key): Promise<Key> {
  const key = await keys.get(tx, account, region, id);
  if (!key) throw keyNotFound(keyArn({ account, region, id }));
  return key;
}
