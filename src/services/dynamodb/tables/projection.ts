/** What an index carries of items, as it is asked for. */

import type { Projection } from '@aws-sdk/client-dynamodb';
import { invalidParameters } from '../errors.ts';

export const projectionTypes = ['ALL', 'INCLUDE', 'KEYS_ONLY'];

/** Throws ValidationException for a type without the names that it needs, or with names that it has no use for. */
export function checkProjection({ ProjectionType: type, NonKeyAttributes }: Projection): void {
  if (type === undefined) throw invalidParameters('Unknown ProjectionType: null');
  if (NonKeyAttributes && type !== 'INCLUDE') throw invalidParameters(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  if (!NonKeyAttributes && type === 'INCLUDE') throw invalidParameters('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  const twice = NonKeyAttributes?.find((name, at) => NonKeyAttributes.indexOf(name) !== at);
  if (twice !== undefined) throw invalidParameters(`Duplicate value in NonKeyAttributes: ${twice}`);
}
