/** What is scaled: how it is named, and where its rows lie. */

import type { ScalableDimension, ServiceNamespace } from '@aws-sdk/client-application-auto-scaling';

export type Scaled = { namespace: string; resource: string; dimension: string };

export type Place = Scaled & { account: string; region: string };

/** What the keys of its rows begin with. */
export const placeOf = ({ account, region, namespace, resource, dimension }: Place): string[] => [
  account,
  region,
  namespace,
  resource,
  dimension,
];

/** How answers name it. */
export const describeScaled = ({ namespace, resource, dimension }: Scaled) => ({
  ServiceNamespace: namespace as ServiceNamespace,
  ResourceId: resource,
  ScalableDimension: dimension as ScalableDimension,
});
