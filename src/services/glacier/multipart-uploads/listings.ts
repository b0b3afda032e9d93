/** Lists of uploads that go on, and of the parts of one. */

import { invalidMarker } from '../errors.ts';
import { uploadsListedMax } from '../limits.ts';
import { pageLimit, pageOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { parts, uploads, type Upload } from '../tables.ts';
import { lookUp, requireVault } from '../vaults/lookup.ts';
import { vaultArn } from '../vaults/vault.ts';
import { idleMilliseconds, requireUpload } from './upload.ts';

export const ListMultipartUploads: Operation<'ListMultipartUploads'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const limit = pageLimit(input.limit, uploadsListedMax);
  const place = [name.account, name.region, name.name] as const;
  const going = await request.store.read(async (tx) => {
    const vault = await requireVault(tx, name);
    const rows = await uploads.scan(tx, place);
    return rows
      .map(({ row }) => row)
      .filter(({ vaultCreated, touched }) => vaultCreated === vault.created && touched + idleMilliseconds > request.now);
  });
  const from = going.filter(({ id }) => input.marker === undefined || id >= input.marker).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const { rows, ...next } = pageOf(from, limit, ({ id }) => id);
  return { UploadsList: rows.map((upload) => ({ MultipartUploadId: upload.id, ...description(upload) })), ...next };
};

export const ListParts: Operation<'ListParts'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const limit = pageLimit(input.limit, uploadsListedMax);
  if (input.marker !== undefined && !/^\d{1,15}$/.test(input.marker)) throw invalidMarker(input.marker);
  const { upload, found } = await request.store.read(async (tx) => {
    const upload = await requireUpload(tx, name, input.uploadId, request.now);
    const from = [upload.id, Number(input.marker ?? 0)];
    return { upload, found: await parts.between(tx, from, [upload.id, Number.MAX_SAFE_INTEGER], { limit: limit + 1 }) };
  });
  const { rows, ...next } = pageOf(
    found.map(({ row }) => row),
    limit,
    ({ start }) => String(start),
  );
  const Parts = rows.map(({ start, size, treeHash }) => ({ RangeInBytes: `${start}-${start + size - 1}`, SHA256TreeHash: treeHash }));
  return { MultipartUploadId: upload.id, ...description(upload), Parts, ...next };
};

function description({ account, region, vault, description, partBytes, created }: Upload) {
  return {
    VaultARN: vaultArn({ account, region, name: vault }),
    ...(description !== '' && { ArchiveDescription: description }),
    PartSizeInBytes: partBytes,
    CreationDate: new Date(created).toISOString(),
  };
}
