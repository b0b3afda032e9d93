/** The part of a cloud that the control API needs. */

import type { Cloud } from '../cloud.ts';

export type ControlledCloud = Pick<
  Cloud,
  'audit' | 'clock' | 'dataDirectory' | 'reconcilers' | 'reset' | 'services' | 'settled' | 'testKey'
>;
