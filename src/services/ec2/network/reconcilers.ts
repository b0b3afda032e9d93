/** The reconcilers of the network's folders, gathered for the contents page. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { flowLogCollector } from '../flow-logs/collector.ts';
import { natGatewayKeeper } from '../nat-gateways/keeper.ts';
import { trafficMeter } from '../traffic/metering.ts';
import { peeringKeeper } from '../vpc-peering-connections/keeper.ts';
import { networkReconciler } from './reconciler.ts';

export const networkReconcilers: readonly Reconciler[] = [
  networkReconciler,
  natGatewayKeeper,
  peeringKeeper,
  flowLogCollector,
  trafficMeter,
];
