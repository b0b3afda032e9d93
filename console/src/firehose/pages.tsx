/** The pages of Firehose. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { ServicePages } from '../shell/services.ts';
import { streams } from './streams.tsx';

export const pages: ServicePages = { navigation: [lineOf(streams)], routes: routesOf(streams) };
