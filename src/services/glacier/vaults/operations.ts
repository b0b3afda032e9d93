/** Vaults: create, describe, list, delete: https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-operations.html */

import { invalidMarker, limitExceeded, vaultNotEmpty } from '../errors.ts';
import { vaultsListedMax, vaultsPerRegionMax } from '../limits.ts';
import { pageLimit, pageOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { vaultPolicies, vaults, type Vault } from '../tables.ts';
import { lookUp, requireFound } from './lookup.ts';
import { accountOf, vaultArn, vaultPath } from './vault.ts';

export const CreateVault: Operation<'CreateVault'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    if (await vaults.get(tx, name.account, name.region, name.name)) return;
    const present = await vaults.scan(tx, [name.account, name.region], { limit: vaultsPerRegionMax });
    if (present.length >= vaultsPerRegionMax) throw limitExceeded(`The number of vaults per account is limited to ${vaultsPerRegionMax}.`);
    await vaults.put(tx, { ...name, created: request.now, archives: 0, bytes: 0, tags: [] });
  });
  return { location: vaultPath(name) };
};

export const DescribeVault: Operation<'DescribeVault'> = async (request, input) => description(await requireFound(request, input));

export const ListVaults: Operation<'ListVaults'> = async (request, input) => {
  const account = accountOf(request, input.accountId);
  const limit = pageLimit(input.limit, vaultsListedMax);
  const place = [account, request.region] as const;
  const prefix = vaultArn({ account, region: request.region, name: '' });
  if (input.marker !== undefined && !input.marker.startsWith(prefix)) throw invalidMarker(input.marker);
  const from = input.marker === undefined ? place : [...place, input.marker.slice(prefix.length)];
  const found = await request.store.read((tx) => vaults.between(tx, from, [...place, '\u{10ffff}'], { limit: limit + 1 }));
  const { rows, ...next } = pageOf(
    found.map(({ row }) => row),
    limit,
    vaultArn,
  );
  return { VaultList: rows.map(description), ...next };
};

/** A vault goes when it was empty as last counted, and nothing was written since. One that is not there is gone already. */
export const DeleteVault: Operation<'DeleteVault'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const key = [name.account, name.region, name.name] as const;
  await request.store.write(async (tx) => {
    const vault = await vaults.get(tx, ...key);
    if (!vault) return;
    const { inventory, written } = vault;
    if (vault.archives > 0 || (inventory?.archives ?? 0) > 0 || (written !== undefined && written >= (inventory?.at ?? 0)))
      throw vaultNotEmpty(vaultArn(name));
    await vaults.delete(tx, ...key);
    for (const kind of ['access', 'lock']) await vaultPolicies.delete(tx, ...key, kind);
  });
  return {};
};

function description(vault: Vault) {
  const { inventory } = vault;
  return {
    VaultARN: vaultArn(vault),
    VaultName: vault.name,
    CreationDate: new Date(vault.created).toISOString(),
    ...(inventory && { LastInventoryDate: new Date(inventory.at).toISOString() }),
    NumberOfArchives: inventory?.archives ?? 0,
    SizeInBytes: inventory?.bytes ?? 0,
  };
}
