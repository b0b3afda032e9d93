/** StartSnapshot: https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html */

import { createHash } from 'node:crypto';
import { snapshots, unknownVolume, blockBytes, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { defaultKey, settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import type { Encryption } from '../../../framework/ebs-snapshots/keys.ts';
import { tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { tokenUsedOtherwise, tooManyAtOnce, validation } from '../errors.ts';
import { pendingSnapshotsMax, timeoutMinutes, volumeGibibytesMax } from '../limits.ts';
import { newKey } from '../keys.ts';
import type { Input, Operation } from '../sdk.ts';
import { requireComplete } from './lookup.ts';

type StartInput = Input<'StartSnapshot'>;

const minuteMilliseconds = 60_000;
const pattern = { description: /^[\S\s]{1,255}$/, token: /^\S{1,255}$/ } as const;

export const StartSnapshot: Operation<'StartSnapshot'> = async (request, input) => {
  const tags = checked(input);
  const { account, region, now } = request;
  const id = `snap-0${request.random.bytes(8).toString('hex')}`;
  const { ClientToken: token, ...rest } = input;
  const digest = createHash('sha256').update(JSON.stringify(rest)).digest('base64');
  const until = now + (input.Timeout ?? timeoutMinutes.default) * minuteMilliseconds;
  const own = await ownEncryption(request, input, id);
  const row = await request.store.write(async (tx) => {
    const open = await openOnes(tx, request);
    const earlier = token === undefined ? undefined : open.find(({ writing }) => writing?.token === token);
    if (earlier) {
      if (earlier.writing!.digest !== digest) throw tokenUsedOtherwise();
      return earlier;
    }
    if (open.length >= pendingSnapshotsMax) throw tooManyAtOnce();
    const parent = input.ParentSnapshotId === undefined ? undefined : await requireComplete(tx, request, input.ParentSnapshotId);
    if (parent && parent.gibibytes > input.VolumeSize)
      throw validation('INVALID_VOLUME_SIZE', 'The volume size may not be smaller than that of the parent snapshot.');
    const made: Snapshot = {
      ...{ account, region, id, volume: unknownVolume, gibibytes: input.VolumeSize, description: input.Description ?? '' },
      ...{ started: now, state: 'pending', blocks: 0, writing: { digest, until, progress: 0, ...(token !== undefined && { token }) } },
      ...(parent && { source: parent.id }),
      ...((parent?.encryption ?? own) && { encryption: parent?.encryption ?? own }),
      ...(parent?.hostImage !== undefined && { hostImage: parent.hostImage }),
      ...(tags.length > 0 && { tags }),
    };
    await snapshots.put(tx, made);
    return made;
  });
  return {
    ...{ SnapshotId: row.id, OwnerId: row.account, Status: 'pending', StartTime: new Date(row.started), VolumeSize: row.gibibytes },
    ...{ BlockSize: blockBytes, Description: row.description, Tags: row.tags ?? [], SseType: row.encryption ? 'sse-kms' : 'none' },
    ...(row.encryption && { KmsKeyArn: row.encryption.keyArn }),
    ...(row.source !== undefined && { ParentSnapshotId: row.source }),
  };
};

/** A child is encrypted as its parent is; of others the call decides, or what the account has settled for all. */
async function ownEncryption(request: ServiceRequest, input: StartInput, id: string): Promise<Encryption | undefined> {
  if (input.ParentSnapshotId !== undefined) return undefined;
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  if (!input.Encrypted && !settings.encryptByDefault) return undefined;
  return newKey(request, input.KmsKeyArn ?? defaultKey(settings), id);
}

/** Throws ValidationException for what has a wrong form. */
function checked(input: StartInput): Tag[] {
  const { VolumeSize: size, Timeout: minutes, Description: text, ClientToken: token } = input;
  if (!Number.isInteger(size) || size < 1 || size > volumeGibibytesMax)
    throw validation('INVALID_VOLUME_SIZE', `The volume size must be between 1 and ${volumeGibibytesMax} GiB.`);
  if (minutes !== undefined && (minutes < timeoutMinutes.min || minutes > timeoutMinutes.max))
    throw validation('INVALID_PARAMETER_VALUE', `The timeout must be between ${timeoutMinutes.min} and ${timeoutMinutes.max} minutes.`);
  if (text !== undefined && !pattern.description.test(text))
    throw validation('INVALID_PARAMETER_VALUE', 'The description may have up to 255 characters.');
  if (token !== undefined && !pattern.token.test(token))
    throw validation('INVALID_PARAMETER_VALUE', 'The client token may have up to 255 characters, without spaces.');
  if (input.ParentSnapshotId !== undefined && (input.Encrypted !== undefined || input.KmsKeyArn !== undefined))
    throw validation('INVALID_PARAMETER_VALUE', 'A snapshot with a parent is encrypted as its parent is: omit Encrypted and KmsKeyArn.');
  if (input.KmsKeyArn !== undefined && input.Encrypted !== true) throw validation('INVALID_PARAMETER_VALUE', 'KmsKeyArn needs Encrypted.');
  const tags = tagsOf(input.Tags);
  const fault = tagFault(tags);
  if (fault && fault.kind !== 'keyCharacters' && fault.kind !== 'valueCharacters')
    throw validation('INVALID_TAG', `The tags are not valid (${fault.kind}).`);
  return tags;
}

/** Snapshots that the account is writing. */
async function openOnes(tx: ReadTransaction, { account, region }: ServiceRequest): Promise<Snapshot[]> {
  const all = await snapshots.scanIndex(tx, 'writing');
  return all.map(({ row }) => row).filter((row) => row.account === account && row.region === region);
}
