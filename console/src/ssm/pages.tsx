/** The pages of Systems Manager. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { ServicePages } from '../shell/services.ts';
import { parameters } from './parameters.tsx';

export const pages: ServicePages = { navigation: [lineOf(parameters)], routes: routesOf(parameters) };
