/** PutSnapshotBlock: https://docs.aws.amazon.com/ebs/latest/APIReference/API_PutSnapshotBlock.html */

import type { Readable } from 'node:stream';
import { hashOf, nameOf, storeBlocks, type Block } from '../../../framework/ebs-snapshots/blocks.ts';
import { hiddenChecksum, type BlockKey } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { openKey } from '../keys.ts';
import { blockBytes, blocksPerGibibyte, snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import { validation } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { requireWritten } from '../snapshots/lookup.ts';

export const PutSnapshotBlock: Operation<'PutSnapshotBlock'> = async (request, input) => {
  const { SnapshotId: snapshot, BlockIndex: index, Progress: progress } = input;
  if (input.ChecksumAlgorithm !== 'SHA256')
    throw validation('INVALID_PARAMETER_VALUE', `The checksum algorithm '${input.ChecksumAlgorithm as string}' is not supported.`);
  if (input.DataLength !== blockBytes) throw validation('INVALID_PARAMETER_VALUE', `The data length must be ${blockBytes}.`);
  if (progress !== undefined && (!Number.isInteger(progress) || progress < 0 || progress > 100))
    throw validation('INVALID_PARAMETER_VALUE', 'The progress must be between 0 and 100.');
  const row = await request.store.read((tx) => requireWritten(tx, request, snapshot));
  if (!Number.isInteger(index) || index < 0 || index >= row.gibibytes * blocksPerGibibyte)
    throw validation('INVALID_BLOCK', `The block index ${index} is not within the volume of ${row.gibibytes} GiB.`);
  const bytes = await blockOf(input.BlockData as Readable | Uint8Array);
  const checksum = hashOf(bytes);
  if (checksum !== input.Checksum) throw validation('INVALID_BLOCK', 'The checksum does not match the data of the block.');
  const key = await openKey(request, row);
  const check = async (tx: WriteTransaction): Promise<void> => {
    // It may have been completed while the block came.
    const present = await requireWritten(tx, request, snapshot);
    if (progress !== undefined && progress > present.writing.progress)
      await snapshots.put(tx, { ...present, writing: { ...present.writing, progress } });
  };
  await storeBlocks(request, snapshot, [named(index, bytes, key)], { key, check });
  return { Checksum: checksum, ChecksumAlgorithm: 'SHA256' };
};

function named(index: number, bytes: Buffer, key: BlockKey | undefined): Block {
  const hash = nameOf(bytes, key);
  return {
    index,
    bytes,
    hash,
    ...(key && { checksum: hiddenChecksum(key, hash, Buffer.from(hashOf(bytes), 'base64')).toString('base64') }),
  };
}

/** The whole block. Throws ValidationException for more or less than one. */
async function blockOf(body: Readable | Uint8Array): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let taken = 0;
  for await (const piece of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Buffer>)) {
    taken += piece.length;
    if (taken > blockBytes) break;
    pieces.push(Buffer.from(piece));
  }
  if (taken !== blockBytes) throw validation('INVALID_BLOCK', `A block has ${blockBytes} bytes.`);
  return Buffer.concat(pieces);
}
