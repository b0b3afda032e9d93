/** GET /_haneul/status */

import type { ReconcilerStatus } from '../runtime/reconciler-runner.ts';
import { showClock, type ClockAnswer } from './clock.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import type { ControlOptions } from './control.ts';

export type CloudStatus = {
  version: string;
  node: string;
  uptimeMilliseconds: number;
  residentBytes: number;
  dataDirectory: string;
  /** Where records and bytes lie. */
  places: { store: string; blobs: string };
  /** Of public addresses of instances. */
  publicRange: string;
  testKey: boolean;
  clock: ClockAnswer;
  services: { running: string[]; available: string[] };
  reconcilers: ReconcilerStatus[];
};

export function statusOf(cloud: ControlledCloud, options: ControlOptions): CloudStatus {
  const running = cloud.services.loaded();
  return {
    version: options.version,
    node: process.version,
    uptimeMilliseconds: Date.now() - options.startedAt,
    residentBytes: process.memoryUsage.rss(),
    dataDirectory: cloud.dataDirectory,
    places: options.places,
    publicRange: cloud.host.networks.publicRange,
    testKey: cloud.testKey,
    clock: showClock(cloud),
    services: { running, available: cloud.services.names.filter((name) => !running.includes(name)) },
    reconcilers: cloud.reconcilers.status(),
  };
}
