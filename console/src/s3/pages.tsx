/** The pages of S3. */

import type { ServicePages } from '../shell/services.ts';

export const pages: ServicePages = { navigation: [], routes: [] };
