/** How a launch says by which rule an instance pays for its bursts. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterCombination } from '../errors.ts';
import type { InstanceType } from '../instance-types/instance-type.ts';
import type { Place } from '../resource.ts';
import type { Input } from '../sdk.ts';
import { defaultMode } from './credit-record.ts';
import type { CreditMode } from './credits.ts';

/**
 * Undefined for a type without credits. Throws InvalidParameterCombination for one that is given a rule, and for unlimited instances on
 * dedicated hosts: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode.html
 */
export async function launchedMode(
  tx: ReadTransaction,
  place: Place,
  type: InstanceType,
  { CreditSpecification: given, Placement: placement }: Pick<Input<'RunInstances'>, 'CreditSpecification' | 'Placement'>,
): Promise<CreditMode | undefined> {
  // Those that are neither are refused already.
  const asked = given?.CpuCredits as CreditMode | undefined;
  if (!type.family.burstable) {
    if (asked === undefined) return undefined;
    throw invalidParameterCombination(`The instance type '${type.name}' does not support CPU credits.`);
  }
  if (placement?.Tenancy !== 'host') return asked ?? (await defaultMode(tx, place, type));
  if (asked === 'unlimited')
    throw invalidParameterCombination(`The instance type '${type.name}' does not support unlimited CPU credits on a Dedicated Host.`);
  return 'standard';
}
