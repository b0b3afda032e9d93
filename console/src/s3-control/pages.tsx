/** The pages of S3 Control. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { ServicePages } from '../shell/services.ts';
import { accessPoints } from './access-points.tsx';
import { jobs } from './jobs.tsx';

export const pages: ServicePages = {
  navigation: [lineOf(accessPoints), lineOf(jobs)],
  routes: [...routesOf(accessPoints), ...routesOf(jobs)],
};
