/** Archives: upload in one piece, delete: https://docs.aws.amazon.com/amazonglacier/latest/dev/archive-operations.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { archiveBytesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { archives, parts, vaults, type Archive, type VaultName } from '../tables.ts';
import { releaseUnused } from '../jobs/job.ts';
import { lookUp, requireFound, requireVault } from '../vaults/lookup.ts';
import { earlyDeletion, meterVault } from '../vaults/storage-meter.ts';
import { vaultArn } from '../vaults/vault.ts';
import { addArchive, checkedDescription, created, newArchiveId } from './archive.ts';
import { takeIn } from './body.ts';

export const UploadArchive: Operation<'UploadArchive'> = async (request, input) => {
  const vault = await requireFound(request, input);
  const description = checkedDescription(input.archiveDescription);
  const content = request.random.uuid();
  const id = newArchiveId(request);
  const { staged, size, treeHash, dataKey } = await takeIn(request, input.body, input.checksum, archiveBytesMax);
  const { account, region, name } = vault;
  const archive: Archive = {
    account,
    region,
    vault: name,
    id,
    created: request.now,
    description,
    size,
    treeHash,
    content,
    partBytes: size,
  };
  try {
    const before = await request.store.write(async (tx) => {
      const present = await requireVault(tx, vault);
      await request.blobs.adopt(tx, staged);
      await parts.put(tx, { content, start: 0, size, treeHash, blob: staged.ref, dataKey });
      await addArchive(tx, present, archive);
      return present;
    });
    meterVault(request.meter, before, request.now);
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
  meterBytesIn(request, vault, size);
  return created(vault, archive);
};

/** Deleting what is not there, or not any more, succeeds. */
export const DeleteArchive: Operation<'DeleteArchive'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const key = [name.account, name.region, name.name, input.archiveId] as const;
  const gone = await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const archive = await archives.get(tx, ...key);
    if (!archive) return undefined;
    await archives.delete(tx, ...key);
    await releaseUnused(tx, request, archive.content);
    const left = { archives: vault.archives - 1, bytes: vault.bytes - archive.size };
    await vaults.put(tx, { ...vault, ...left, written: request.now });
    return { vault, archive };
  });
  if (!gone) return {};
  meterVault(request.meter, gone.vault, request.now);
  const early = earlyDeletion(gone.archive, request.now);
  if (early) request.use(early);
  return {};
};

/** Bytes that came in are counted for the vault's owner. */
export function meterBytesIn(request: ServiceRequest, vault: VaultName, size: number): void {
  request.use({ usageType: 'DataTransfer-In-Bytes', quantity: size, unit: 'Bytes', resource: vaultArn(vault), account: vault.account });
}
