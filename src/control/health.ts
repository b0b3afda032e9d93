/** GET /_haneul/health, /_localstack/health and /_localstack/init: what scripts poll until the cloud is there. */

import type { ControlledCloud } from './controlled-cloud.ts';
import type { ControlOptions } from './control.ts';

export type Health = {
  /** `running` once used, `available` until then, as LocalStack words it. */
  services: Record<string, 'running' | 'available'>;
  edition: 'haneul';
  version: string;
};

export function healthOf(cloud: ControlledCloud, options: ControlOptions): Health {
  const running = new Set(cloud.services.loaded());
  const services = Object.fromEntries(
    cloud.services.names.map((name) => [name, running.has(name) ? ('running' as const) : ('available' as const)]),
  );
  return { services, edition: 'haneul', version: options.version };
}

/** In the form that LocalStack's clients wait for. */
export function readinessOf(options: ControlOptions): {
  completed: Record<'BOOT' | 'START' | 'READY' | 'SHUTDOWN', boolean>;
  scripts: never[];
} {
  return { completed: { BOOT: true, START: true, READY: options.ready(), SHUTDOWN: false }, scripts: [] };
}
