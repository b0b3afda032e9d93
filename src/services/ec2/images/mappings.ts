/** Volumes that RegisterImage and CreateImage put into an image: of a snapshot, or empty ones, which may be encrypted. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidBlockDeviceMapping, invalidParameterCombination } from '../errors.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { volumeWish, type VolumeInput } from '../volumes/wish.ts';
import type { BlockMapping } from './image.ts';

type Naming = 'RegisterImage' | 'CreateImage';

/**
 * What is made of a snapshot is encrypted as that is, of which nothing may be said; what begins empty is encrypted as the call says, under the
 * default key of who launches it: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html
 */
export async function newMapping(
  tx: ReadTransaction,
  request: ServiceRequest,
  operation: Naming,
  device: string,
  given: VolumeInput,
): Promise<{ mapping: BlockMapping; snapshot?: Snapshot }> {
  refuseKey(operation, given);
  if (given.SnapshotId !== undefined && given.Encrypted !== undefined)
    throw invalidBlockDeviceMapping(`the encrypted flag cannot be specified since device ${device} has a snapshot specified.`);
  const snapshot = given.SnapshotId === undefined ? undefined : await requireSnapshot(tx, request, given.SnapshotId);
  const volume = volumeWish(operation, given, snapshot ? { gibibytes: snapshot.gibibytes } : {});
  const encrypted = snapshot ? snapshot.encryption !== undefined : given.Encrypted === true;
  return { mapping: { device, volume: { ...volume, ...(encrypted && { encrypted }) } }, ...(snapshot && { snapshot }) };
}

/** Throws where a call would change how a volume of the instance is encrypted: what is encrypted stays so, whatever it says. */
export function refuseOtherEncryption(device: string, given: VolumeInput, isEncrypted: boolean): void {
  refuseKey('CreateImage', given);
  if (given.Encrypted === true && !isEncrypted)
    throw invalidParameterCombination(`The volume at ${device} is not encrypted, and its snapshot cannot be.`);
}

/** Keys are chosen when an instance is launched, or an image copied. */
function refuseKey(operation: Naming, { KmsKeyId }: VolumeInput): void {
  if (KmsKeyId !== undefined) throw invalidParameterCombination(`The parameter KmsKeyId is not supported by ${operation}.`);
}
