/** Multipart uploads: initiate, upload a part, complete, abort: https://docs.aws.amazon.com/amazonglacier/latest/dev/uploading-archive-mpu.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { addArchive, checkedDescription, created, newArchiveId, releaseParts } from '../archives/archive.ts';
import { requireTreeHash, takeIn } from '../archives/body.ts';
import { meterBytesIn } from '../archives/operations.ts';
import { combined } from '../archives/tree-hash.ts';
import { checksumMismatch, invalidParameter, limitExceeded } from '../errors.ts';
import { uploadsPerVaultMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { archives, parts, uploads, type Archive, type Part, type Upload } from '../tables.ts';
import { lookUp, requireVault } from '../vaults/lookup.ts';
import { vaultPath } from '../vaults/vault.ts';
import { checkedPartBytes, checkedRange, requireUpload } from './upload.ts';
import { meterVault } from '../vaults/storage-meter.ts';

export const InitiateMultipartUpload: Operation<'InitiateMultipartUpload'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const partBytes = checkedPartBytes(input.partSize);
  const description = checkedDescription(input.archiveDescription);
  const id = request.random.bytes(69).toString('base64url');
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const { account, region } = name;
    const present = await uploads.scan(tx, [account, region, name.name], { limit: uploadsPerVaultMax });
    if (present.length >= uploadsPerVaultMax)
      throw limitExceeded(`The number of multipart uploads per vault is limited to ${uploadsPerVaultMax}.`);
    const times = { vaultCreated: vault.created, created: request.now, touched: request.now };
    await uploads.put(tx, { account, region, vault: name.name, id, ...times, partBytes, description });
  });
  return { location: `${vaultPath(name)}/multipart-uploads/${id}`, uploadId: id };
};

export const UploadMultipartPart: Operation<'UploadMultipartPart'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const id = input.uploadId;
  const upload = await request.store.read((tx) => requireUpload(tx, name, id, request.now));
  const { start, end } = checkedRange(input.range, upload.partBytes);
  const { staged, size, treeHash, dataKey } = await takeIn(request, input.body, input.checksum, upload.partBytes);
  try {
    if (size !== end - start) throw invalidParameter(`Content-Range: ${input.range} does not fit the body, which has ${size} bytes.`);
    await request.store.write(async (tx) => {
      const present = await requireUpload(tx, name, id, request.now);
      const old = await parts.get(tx, id, start);
      if (old) await request.blobs.remove(tx, old.blob);
      await request.blobs.adopt(tx, staged);
      await parts.put(tx, { content: id, start, size, treeHash, blob: staged.ref, dataKey });
      await uploads.put(tx, { ...present, touched: request.now });
    });
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
  meterBytesIn(request, name, size);
  return { checksum: treeHash };
};

/** The parts become an archive where they lie. Who asks once more is told the same. */
export const CompleteMultipartUpload: Operation<'CompleteMultipartUpload'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const treeHash = requireTreeHash(input.checksum);
  const uploadId = input.uploadId;
  const id = newArchiveId(request);
  const { answer, before } = await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const done = await archives.find(tx, 'content', uploadId);
    if (done?.vault === name.name && done.account === name.account && done.region === name.region) return { answer: created(vault, done) };
    const upload = await requireUpload(tx, name, uploadId, request.now);
    const chosen = await wholeParts(tx, upload);
    const size = chosen.reduce((sum, part) => sum + part.size, 0);
    if (input.archiveSize !== String(size))
      throw invalidParameter(`Invalid archive size: ${input.archiveSize}, the parts have ${size} bytes.`);
    const computed = combined(chosen.map((part) => Buffer.from(part.treeHash, 'hex'))).toString('hex');
    if (computed !== treeHash) throw checksumMismatch(treeHash, computed);
    const { account, region, vault: vaultName, description, partBytes } = upload;
    const of = { account, region, vault: vaultName, description, partBytes, content: uploadId };
    const archive: Archive = { ...of, id, created: request.now, size, treeHash };
    await uploads.delete(tx, name.account, name.region, name.name, uploadId);
    await addArchive(tx, vault, archive);
    return { answer: created(vault, archive), before: vault };
  });
  if (before) meterVault(request.meter, before, request.now);
  return answer;
};

export const AbortMultipartUpload: Operation<'AbortMultipartUpload'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    const upload = await requireUpload(tx, name, input.uploadId, request.now);
    await releaseParts(tx, request, upload.id);
    await uploads.delete(tx, name.account, name.region, name.name, upload.id);
  });
  return {};
};

/** The parts of an upload, without a gap. Throws InvalidParameterValueException. */
async function wholeParts(tx: ReadTransaction, { id, partBytes }: Upload): Promise<Part[]> {
  const rows = (await parts.scan(tx, [id])).map(({ row }) => row);
  if (rows.length === 0) throw invalidParameter('The upload has no parts.');
  for (const [i, { start, size }] of rows.entries()) {
    if (start !== i * partBytes) throw invalidParameter(`The content range ${i * partBytes}-${start - 1} is missing.`);
    if (size < partBytes && i < rows.length - 1)
      throw invalidParameter(`The part at ${start} has ${size} bytes, and is not the last: part size is ${partBytes}.`);
  }
  return rows;
}
