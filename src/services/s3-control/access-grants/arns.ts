/** How what belongs to S3 Access Grants is named. Pure. */

import type { Place } from './tables.ts';

/** The instance that a call is about: the account that it names may be another one than the caller's, where its instance's policy lets the caller in. */
export function placeOf({ account, region }: Place, { AccountId }: { AccountId?: string | undefined }): Place {
  return { account: AccountId ?? account, region };
}

/** There is one instance an account and region. */
export const instanceId = 'default';

export function instanceArn({ account, region }: Place): string {
  return `arn:aws:s3:${region}:${account}:access-grants/${instanceId}`;
}

export function locationArn(place: Place & { id: string }): string {
  return `${instanceArn(place)}/location/${place.id}`;
}

export function grantArn(place: Place & { id: string }): string {
  return `${instanceArn(place)}/grant/${place.id}`;
}
