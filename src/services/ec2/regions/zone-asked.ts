/** The zone that a call names. */

import { zoneNamed, type Zone } from '../../../framework/regions.ts';
import { invalidParameterCombination, invalidParameterValue } from '../errors.ts';

type ZoneInput = { AvailabilityZone?: string | undefined; AvailabilityZoneId?: string | undefined };

/** By its name or by its id; undefined where neither is given. Throws InvalidParameterCombination for both, and InvalidParameterValue. */
export function zoneAsked(region: string, { AvailabilityZone: name, AvailabilityZoneId: id }: ZoneInput): Zone | undefined {
  if (name && id) throw invalidParameterCombination('Specify either AvailabilityZone or AvailabilityZoneId, but not both.');
  const given = name || id;
  if (!given) return undefined;
  const zone = zoneNamed(region, name, id);
  if (!zone) throw invalidParameterValue(`Invalid availability zone: [${given}]`);
  return zone;
}
