/** Archives: their ids and descriptions, and how they come and go. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import { descriptionCharactersMax } from '../limits.ts';
import { archives, parts, vaults, type Archive, type Vault } from '../tables.ts';
import { vaultPath } from '../vaults/vault.ts';

const idCharacters = 138;

export function newArchiveId({ random }: ServiceRequest): string {
  return random.bytes(idCharacters).toString('base64url').slice(0, idCharacters);
}

/** Throws InvalidParameterValueException. */
export function checkedDescription(description: string | undefined): string {
  const text = description ?? '';
  if (text.length > descriptionCharactersMax || !/^[\x20-\x7e]*$/.test(text)) throw invalidParameter('Invalid archive description.');
  return text;
}

/** Puts an archive into its vault, whose counts grow by it. */
export async function addArchive(tx: WriteTransaction, vault: Vault, archive: Archive): Promise<void> {
  await archives.put(tx, archive);
  await vaults.put(tx, {
    ...vault,
    ...{ archives: vault.archives + 1, bytes: vault.bytes + archive.size, written: archive.created },
  });
}

/** Lets go of the bytes that were uploaded under an id. */
export async function releaseParts(tx: WriteTransaction, request: Pick<ServiceRequest, 'blobs'>, content: string): Promise<void> {
  for (const { row: part } of await parts.scan(tx, [content])) {
    await request.blobs.remove(tx, part.blob);
    await parts.delete(tx, content, part.start);
  }
}

/** What an upload answers. */
export function created(vault: Vault, { id, treeHash }: Archive) {
  return { location: `${vaultPath(vault)}/archives/${id}`, checksum: treeHash, archiveId: id };
}
