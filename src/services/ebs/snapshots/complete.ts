/** CompleteSnapshot: https://docs.aws.amazon.com/ebs/latest/APIReference/API_CompleteSnapshot.html */

import { createHash } from 'node:crypto';
import { hiddenChecksum, type BlockKey } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import { snapshotBlocks, snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { validation } from '../errors.ts';
import { openKey } from '../keys.ts';
import type { Operation } from '../sdk.ts';
import { requireWritten } from './lookup.ts';

export const CompleteSnapshot: Operation<'CompleteSnapshot'> = async (request, input) => {
  const { SnapshotId: id, Checksum: checksum, ChecksumAlgorithm: algorithm, ChecksumAggregationMethod: aggregation } = input;
  if (algorithm !== undefined && algorithm !== 'SHA256')
    throw validation('INVALID_PARAMETER_VALUE', `The checksum algorithm '${algorithm as string}' is not supported.`);
  if (aggregation !== undefined && aggregation !== 'LINEAR')
    throw validation('INVALID_PARAMETER_VALUE', `The checksum aggregation method '${aggregation as string}' is not supported.`);
  if (checksum !== undefined && (algorithm === undefined || aggregation === undefined))
    throw validation('INVALID_PARAMETER_VALUE', 'A checksum needs ChecksumAlgorithm and ChecksumAggregationMethod.');
  const begun = await request.store.read((tx) => requireWritten(tx, request, id));
  const written = await writtenBlocks(request, id, checksum === undefined ? undefined : await openKey(request, begun));
  if (written.count !== input.ChangedBlocksCount)
    throw validation(
      'INVALID_PARAMETER_VALUE',
      `ChangedBlocksCount is ${input.ChangedBlocksCount}, but ${written.count} blocks were written.`,
    );
  if (checksum !== undefined && checksum !== written.checksum)
    throw validation('INVALID_PARAMETER_VALUE', 'The checksum does not match the checksums of the blocks that were written.');
  await request.store.write(async (tx) => {
    const { writing: _written, ...row } = await requireWritten(tx, request, id);
    await snapshots.put(tx, { ...row, blocks: written.count });
  });
  // The rest is EC2's work, which a cloud begins when somebody first asks it.
  const aws = request.awsAs(rootUser(request.account), { account: request.account, region: request.region, quiet: true });
  await aws.ec2('DescribeSnapshots', { SnapshotIds: [id] });
  return { Status: 'pending' };
};

/** LINEAR: the SHA-256 of the blocks' own checksums, one behind the other in the order of indexes. */
async function writtenBlocks(
  { store }: ServiceRequest,
  id: string,
  key: BlockKey | undefined,
): Promise<{ count: number; checksum: string }> {
  const all = createHash('sha256');
  let count = 0;
  for await (const { hash, checksum } of snapshotBlocks.each(store, [id])) {
    const told = Buffer.from(checksum ?? hash, 'base64');
    all.update(key && checksum !== undefined ? hiddenChecksum(key, hash, told) : told);
    count++;
  }
  return { count, checksum: all.digest('base64') };
}
