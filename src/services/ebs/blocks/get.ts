/** GetSnapshotBlock: https://docs.aws.amazon.com/ebs/latest/APIReference/API_GetSnapshotBlock.html */

import { hashOf, plainBytes } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockBytes, snapshotBlocks } from '../../../framework/ebs-snapshots/snapshot.ts';
import { validation } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { requireComplete } from '../snapshots/lookup.ts';
import { openKey } from '../keys.ts';
import { checkBlockToken, tokenKey } from './tokens.ts';

export const GetSnapshotBlock: Operation<'GetSnapshotBlock'> = async (request, input) => {
  const { SnapshotId: snapshot, BlockIndex: index } = input;
  const { row, block } = await request.store.read(async (tx) => {
    const row = await requireComplete(tx, request, snapshot);
    return { row, block: await snapshotBlocks.get(tx, snapshot, index) };
  });
  if (!block) throw validation('INVALID_BLOCK', `The snapshot '${snapshot}' has no block ${index}.`);
  checkBlockToken(await tokenKey(request), block, input.BlockToken, request.now);
  const bytes = await plainBytes(request, block, await openKey(request, row));
  return { DataLength: blockBytes, BlockData: bytes, Checksum: hashOf(bytes), ChecksumAlgorithm: 'SHA256' };
};
