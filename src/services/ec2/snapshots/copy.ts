/** CopySnapshot: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopySnapshot.html */

import { defaultKey, settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import { snapshots, unknownVolume, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { incorrectState, invalidParameterValue, notBuilt, refusal } from '../errors.ts';
import { newId } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { makeKeys } from '../volumes/keys.ts';
import { requireAtHand } from './tier.ts';
import { requireSnapshot } from './snapshot.ts';

const built = new Set([
  'SourceRegion',
  'SourceSnapshotId',
  'Description',
  'Encrypted',
  'KmsKeyId',
  'TagSpecifications',
  'DryRun',
  'PresignedUrl',
  'DestinationRegion',
]);

/** A copy within this cloud stores nothing unless it is encrypted anew: contents are shared by all regions. */
export const CopySnapshot: Operation<'CopySnapshot'> = async (request, input) => {
  const unbuilt = Object.entries(input).find(([name, value]) => value !== undefined && !built.has(name));
  if (unbuilt) throw notBuilt('CopySnapshot', unbuilt[0]);
  const { account, region, now } = request;
  const tags = tagsFor(input.TagSpecifications, 'snapshot');
  const id = newId(request.random, 'snap');
  const from = { account, region: input.SourceRegion };
  const source = await request.store.read((tx) => requireSnapshot(tx, from, input.SourceSnapshotId));
  const coding = await codingOf(request, input, source, id);
  await request.store.write(async (tx) => {
    const present = await requireSnapshot(tx, from, input.SourceSnapshotId);
    if (present.state !== 'completed') throw incorrectState(`Snapshot '${source.id}' is not completed`);
    requireAtHand(present, now);
    await snapshots.put(tx, {
      ...{ account, region, id, volume: unknownVolume, gibibytes: source.gibibytes, started: now, state: 'pending', blocks: 0 },
      ...{ source: source.id, description: input.Description ?? '' },
      ...(source.hostImage !== undefined && { hostImage: source.hostImage }),
      ...coding,
      ...kept(tags),
    });
  });
  return { SnapshotId: id, Tags: tags };
};

type Asked = { Encrypted?: boolean | undefined; KmsKeyId?: string | undefined };
export type Coding = Pick<Snapshot, 'encryption' | 'recoded' | 'grants'>;

/**
 * How the copy is encrypted. One of an encrypted snapshot is always, with the account's default key unless the call names another; under
 * the key that it has already it keeps its data key, and its blocks.
 */
export async function codingOf(request: ServiceRequest, input: Asked, source: Snapshot, id: string): Promise<Coding> {
  const { Encrypted, KmsKeyId } = input;
  if (KmsKeyId !== undefined && !Encrypted && !source.encryption)
    throw refusal('InvalidParameterDependency')('The parameter KmsKeyId requires the parameter Encrypted to be set.');
  if (source.encryption && Encrypted === false) throw invalidParameterValue('A copy of an encrypted snapshot is encrypted.');
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  if (!source.encryption && !Encrypted && !settings.encryptByDefault) return {};
  const keyId = KmsKeyId ?? defaultKey(settings);
  const wished = await makeKeys(request, { keyId, ...(source.encryption && { source: source.encryption }) }, id);
  const { encryption, grants } = wished;
  if (source.encryption?.keyArn === encryption.keyArn) return { encryption: source.encryption, grants };
  return { encryption, grants, recoded: source.encryption ? { from: source.encryption } : {} };
}
