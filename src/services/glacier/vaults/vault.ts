/** Vaults: their names, ARNs and paths. */

import { arn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameter } from '../errors.ts';
import { vaultNameCharactersMax } from '../limits.ts';
import type { Vault, VaultLock, VaultName } from '../tables.ts';

export type VaultInput = { accountId: string; vaultName: string };

/** The account of a path: `-` stands for the caller's own. Throws InvalidParameterValueException. */
export function accountOf(request: ServiceRequest, accountId: string): string {
  if (accountId === '-') return request.account;
  const account = accountId.replaceAll('-', '');
  if (!/^\d{12}$/.test(account)) throw invalidParameter(`Invalid account ID: ${accountId}`);
  return account;
}

/** Which vault a path names. Throws InvalidParameterValueException. */
export function vaultNameOf(request: ServiceRequest, { accountId, vaultName }: VaultInput): VaultName {
  const account = accountOf(request, accountId);
  if (vaultName.length > vaultNameCharactersMax || !/^[A-Za-z0-9_.-]+$/.test(vaultName))
    throw invalidParameter(`Invalid vault name: ${vaultName}`);
  return { account, region: request.region, name: vaultName };
}

export function vaultArn({ account, region, name }: VaultName): string {
  return arn('glacier', region, account, `vaults/${name}`);
}

/** What the Location of an answer begins with. */
export function vaultPath({ account, name }: VaultName): string {
  return `/${account}/vaults/${name}`;
}

/** The lock of a vault at a moment: one that was not completed in time is gone. */
export function lockAt({ lock }: Vault, now: number): VaultLock | undefined {
  return lock?.expires !== undefined && lock.expires <= now ? undefined : lock;
}
