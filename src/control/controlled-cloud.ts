/** The part of a cloud that the control API needs. */

import type { Cloud } from '../cloud.ts';

export type ControlledCloud = Pick<
  Cloud,
  | 'audit'
  | 'awsAs'
  | 'blobs'
  | 'clock'
  | 'closing'
  | 'dataDirectory'
  | 'gateway'
  | 'host'
  | 'identity'
  | 'meter'
  | 'random'
  | 'reconcilers'
  | 'reset'
  | 'services'
  | 'settled'
  | 'store'
  | 'testKey'
>;
