/** What an instance must be to be hibernated. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html */

import { refusal } from '../errors.ts';
import type { InstanceType } from '../instance-types/instance-type.ts';
import type { Instance } from './instance.ts';
import type { DiskPlan } from './launch-disks.ts';

const mebibytesMax = 150 * 1024;

const unsupported = refusal('UnsupportedHibernationConfiguration');

/** Throws UnsupportedHibernationConfiguration. @param root the volume on which the memory would lie on AWS. */
export function checkHibernation(type: InstanceType, { key, volume: root }: DiskPlan): void {
  if (!key) throw unsupported('Hibernation requires an encrypted root volume.');
  if (type.mebibytes > mebibytesMax) throw unsupported(`The instance type ${type.name} has more memory than can be hibernated (150 GiB).`);
  if (root.gibibytes * 1024 <= type.mebibytes)
    throw unsupported(`The root volume (${root.gibibytes} GiB) is too small for the memory of the instance type ${type.name}.`);
}

/** Throws UnsupportedHibernationConfiguration for one that was not launched for it. */
export function requireHibernation({ id, hibernates }: Instance): void {
  if (!hibernates) throw unsupported(`The instance '${id}' is not enabled for hibernation.`);
}
