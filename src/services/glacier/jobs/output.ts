/** The bytes that a job gives out: those of an archive, or an inventory that was written down. */

import { cloudKey, frameBytesOf, newDataKey, unwrap } from '../../../framework/blob-encryption/data-keys.ts';
import { decryptStream, encryptor, storedRange } from '../../../framework/blob-encryption/frames.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { archives, parts, type Archive, type Job, type Part, type Vault } from '../tables.ts';
import { vaultArn } from '../vaults/vault.ts';

type Means = Pick<ServiceRequest, 'store' | 'blobs' | 'random'>;

/** Bytes from `start` to `end` of what lies in parts of `partBytes`, a part after the other. */
export async function* bytesOf(
  means: Means,
  { id, partBytes }: { id: string; partBytes: number },
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  const first = Math.floor(start / partBytes) * partBytes;
  for (let at = first; at < end; at += partBytes) {
    const part = await means.store.read((tx) => parts.get(tx, id, at));
    if (!part) throw new Error(`the part at ${at} of ${id} is missing`);
    yield* bytesOfPart(means, part, Math.max(0, start - at), Math.min(part.size, end - at));
  }
}

async function* bytesOfPart(means: Means, { blob, dataKey }: Part, start: number, end: number): AsyncGenerator<Uint8Array> {
  const key = unwrap(await cloudKey(means, 'glacier'), dataKey);
  const plain = frameBytesOf(dataKey);
  const where = storedRange({ start, end }, blob.size, plain);
  const stored = means.blobs.read(blob, { start: where.start, end: where.end });
  yield* decryptStream(key, stored, { plain, frame: where.frame, skip: where.skip, length: end - start });
}

/**
 * Stages what a vault held when it was last counted before the job began, as JSON or CSV, less what was deleted since.
 * https://docs.aws.amazon.com/amazonglacier/latest/dev/api-initiate-job-post.html
 */
export async function stageInventory(context: ReconcilerContext, vault: Vault, { inventory }: Job) {
  const { key, wrapped } = newDataKey(await cloudKey(context, 'glacier'), context.random);
  const counted = inventory!.counted ?? vault.inventory!.at;
  const lines = inventory!.format === 'CSV' ? csvOf(context, vault, counted) : jsonOf(context, vault, counted);
  return { staged: await context.blobs.stage(lines, { through: encryptor(key) }), dataKey: wrapped };
}

async function* archivesOf({ store }: ReconcilerContext, { account, region, name }: Vault, counted: number): AsyncGenerator<Archive> {
  for await (const archive of archives.each(store, [account, region, name])) if (archive.created < counted) yield archive;
}

async function* jsonOf(context: ReconcilerContext, vault: Vault, counted: number): AsyncGenerator<Uint8Array> {
  const head = JSON.stringify({ VaultARN: vaultArn(vault), InventoryDate: new Date(counted).toISOString() });
  yield Buffer.from(`${head.slice(0, -1)},"ArchiveList":[`);
  let comma = '';
  for await (const { id, description, created, size, treeHash } of archivesOf(context, vault, counted)) {
    const CreationDate = new Date(created).toISOString();
    const line = JSON.stringify({ ArchiveId: id, ArchiveDescription: description, CreationDate, Size: size, SHA256TreeHash: treeHash });
    yield Buffer.from(comma + line);
    comma = ',';
  }
  yield Buffer.from(']}');
}

async function* csvOf(context: ReconcilerContext, vault: Vault, counted: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from('ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n');
  for await (const { id, description, created, size, treeHash } of archivesOf(context, vault, counted)) {
    const quoted = `"${description.replaceAll('"', '""')}"`;
    yield Buffer.from(`${[id, quoted, new Date(created).toISOString(), size, treeHash].join(',')}\r\n`);
  }
}
