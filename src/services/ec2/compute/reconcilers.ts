/** The reconcilers of machines, their images and their volumes, gathered for the contents page. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { reservationKeeper } from '../capacity-reservations/keeper.ts';
import { creditKeeper } from '../cpu-credits/keeper.ts';
import { fleetKeeper } from '../fleets/keeper.ts';
import { hostKeeper } from '../hosts/keeper.ts';
import { imageExporter } from '../image-exports/exporter.ts';
import { imageImporter } from '../image-imports/importer.ts';
import { keeper } from '../instances/keeper.ts';
import { emptying } from '../recycle-bin/emptying.ts';
import { expiry } from '../snapshots/expiry.ts';
import { importer } from '../snapshot-imports/importer.ts';
import { taker } from '../snapshots/taker.ts';
import { reservedKeeper } from '../reserved-instances/keeper.ts';
import { broker } from '../spot-requests/broker.ts';
import { builder } from '../volumes/builder.ts';

export const computeReconcilers: readonly Reconciler[] = [
  builder,
  taker,
  ...[expiry, emptying],
  ...[importer, imageImporter, imageExporter],
  keeper,
  creditKeeper,
  broker,
  fleetKeeper,
  reservationKeeper,
  hostKeeper,
  reservedKeeper,
];
