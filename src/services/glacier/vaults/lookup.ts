/** The vault of a call and the policies on it, read once for the authorizer and the operation together. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { vaultNotFound } from '../errors.ts';
import { vaultPolicies, vaults, type Vault, type VaultName, type VaultPolicy } from '../tables.ts';
import { lockAt, vaultArn, vaultNameOf, type VaultInput } from './vault.ts';

export type Found = {
  name: VaultName;
  vault: Vault | undefined;
  /** What its access policy and its lock say together. */
  policy: PolicyDocument | undefined;
};

const lookups = new WeakMap<ServiceRequest, Found>();

/** By revision, which the vault's record names: a policy that was replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

/** The vault of a path as it was when the call arrived; `vault` is undefined when there is none. Throws InvalidParameterValueException. */
export async function lookUp(request: ServiceRequest, input: VaultInput): Promise<Found> {
  const known = lookups.get(request);
  if (known) return known;
  const name = vaultNameOf(request, input);
  const { vault, policies } = await request.store.read(async (tx) => {
    const vault = await findVault(tx, name);
    return { vault, policies: vault ? await policiesOn(tx, vault, request.now) : [] };
  });
  const found = { name, vault, policy: together(policies) };
  lookups.set(request, found);
  return found;
}

async function policiesOn(tx: ReadTransaction, vault: Vault, now: number): Promise<(PolicyDocument | VaultPolicy)[]> {
  const wanted = [
    { kind: 'access', revision: vault.policy },
    { kind: 'lock', revision: lockAt(vault, now)?.policy },
  ];
  const policies: (PolicyDocument | VaultPolicy)[] = [];
  for (const { kind, revision } of wanted) {
    if (revision === undefined) continue;
    const policy = parsed.get(revision) ?? (await vaultPolicies.get(tx, vault.account, vault.region, vault.name, kind));
    // A policy may deny: without it nothing may be decided.
    if (!policy) throw new Error(`the ${kind} policy of vault ${vault.name} is missing`);
    policies.push(policy);
  }
  return policies;
}

function together(policies: readonly (PolicyDocument | VaultPolicy)[]): PolicyDocument | undefined {
  const documents = policies.map((policy) => ('text' in policy ? remember(policy) : policy));
  if (documents.length < 2) return documents[0];
  return { version: '2012-10-17', statements: documents.flatMap(({ statements }) => statements) };
}

function remember({ revision, text }: VaultPolicy): PolicyDocument {
  const document = parsePolicy(text, 'resource');
  keepNewest(parsed, parsedMax, revision, document);
  return document;
}

const findVault = (tx: ReadTransaction, { account, region, name }: VaultName): Promise<Vault | undefined> =>
  vaults.get(tx, account, region, name);

/** Inside a transaction: the vault as it is now. Throws ResourceNotFoundException. */
export async function requireVault(tx: ReadTransaction, name: VaultName): Promise<Vault> {
  const vault = await findVault(tx, name);
  if (!vault) throw vaultNotFound(vaultArn(name));
  return vault;
}

/** The vault of a call. Throws ResourceNotFoundException. */
export async function requireFound(request: ServiceRequest, input: VaultInput): Promise<Vault> {
  const { name, vault } = await lookUp(request, input);
  if (!vault) throw vaultNotFound(vaultArn(name));
  return vault;
}
