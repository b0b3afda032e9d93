/** DATA/root-key.json: the root access key of a cloud that has no test key, minted when nobody could sign in otherwise. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Aws } from '../framework/clients.ts';
import { replaceFile } from '../host/file-replacement.ts';

export type AccessKey = { accessKeyId: string; secretAccessKey: string };

export const testKey: AccessKey = { accessKeyId: 'test', secretAccessKey: 'test' };

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'root-key.json');

/** The key that was minted, as long as its owner has left it there. */
export async function readRootKey(dataDirectory: string): Promise<AccessKey | undefined> {
  try {
    return JSON.parse(await readFile(pathIn(dataDirectory), 'utf8')) as AccessKey;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * Mints a root access key when the account has neither one nor any user, or, in place of all others, when `anew` asks for it.
 * @param asRoot the services, called as the account's root user.
 * @returns where the key lies, when one was minted. Its secret is never printed or logged.
 */
export async function ensureRootKey(asRoot: Aws, dataDirectory: string, anew: boolean): Promise<string | undefined> {
  if (!anew && (await someoneMaySignIn(asRoot))) return undefined;
  if (anew) await deleteRootKeys(asRoot);
  const { AccessKey: made } = await asRoot.iam('CreateAccessKey', {});
  const key = { accessKeyId: made?.AccessKeyId, secretAccessKey: made?.SecretAccessKey };
  await replaceFile(pathIn(dataDirectory), `${JSON.stringify(key, null, 2)}\n`, 0o600);
  return pathIn(dataDirectory);
}

async function someoneMaySignIn(asRoot: Aws): Promise<boolean> {
  const { SummaryMap: summary = {} } = await asRoot.iam('GetAccountSummary', {});
  return (summary['AccountAccessKeysPresent'] ?? 0) > 0 || (summary['Users'] ?? 0) > 0;
}

async function deleteRootKeys(asRoot: Aws): Promise<void> {
  const { AccessKeyMetadata: keys = [] } = await asRoot.iam('ListAccessKeys', {});
  for (const { AccessKeyId } of keys) await asRoot.iam('DeleteAccessKey', { AccessKeyId: AccessKeyId! });
}
