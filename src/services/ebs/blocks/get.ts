/** GetSnapshotBlock: https://docs.aws.amazon.com/ebs/latest/APIReference/API_GetSnapshotBlock.html */

import { hashOf } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockBytes, blockContents, snapshotBlocks } from '../../../framework/ebs-snapshots/snapshot.ts';
import { validation } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { requireComplete } from '../snapshots/lookup.ts';
import { checkBlockToken, tokenKey } from './tokens.ts';

export const GetSnapshotBlock: Operation<'GetSnapshotBlock'> = async (request, input) => {
  const { SnapshotId: snapshot, BlockIndex: index } = input;
  const found = await request.store.read(async (tx) => {
    await requireComplete(tx, request, snapshot);
    const block = await snapshotBlocks.get(tx, snapshot, index);
    return block && { block, content: (await blockContents.get(tx, block.hash))! };
  });
  if (!found) throw validation('INVALID_BLOCK', `The snapshot '${snapshot}' has no block ${index}.`);
  checkBlockToken(await tokenKey(request), found.block, input.BlockToken, request.now);
  const bytes = await request.blobs.bytes(found.content.blob);
  return { DataLength: blockBytes, BlockData: bytes, Checksum: hashOf(bytes), ChecksumAlgorithm: 'SHA256' };
};
