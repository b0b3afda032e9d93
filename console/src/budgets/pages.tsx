/** The pages of Budgets. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { ServicePages } from '../shell/services.ts';
import { budgetsCollection } from './budgets.tsx';

export const pages: ServicePages = { navigation: [lineOf(budgetsCollection)], routes: routesOf(budgetsCollection) };
