/** The pages of Glacier. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { ServicePages } from '../shell/services.ts';
import { vaults } from './vaults.tsx';

export const pages: ServicePages = { navigation: [lineOf(vaults)], routes: routesOf(vaults) };
