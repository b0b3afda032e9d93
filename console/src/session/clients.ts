/** The official SDK clients, signed as whoever acts now, against the cloud that served this page. */

import type { AwsCredentialIdentity } from '@smithy/types';
import { settings } from '../shell/settings.ts';
import { identity, type Credentials, type Identity } from './session.ts';

type ClientConfig = {
  endpoint: string;
  region: string;
  credentials: AwsCredentialIdentity;
  maxAttempts: number;
};

/** What every client is made with. */
export function configFor(credentials: Credentials, region: string): ClientConfig {
  return { endpoint: location.origin, region, credentials, maxAttempts: 2 };
}

/**
 * A client that is made when first used and again for another identity or region. `region` pins it, for services that are in one region only.
 */
export function clientOf<C>(
  Client: new (config: never) => C,
  options: { region?: string; config?: Readonly<Record<string, unknown>> } = {},
): () => C {
  const made = new WeakMap<Identity, Map<string, C>>();
  return () => {
    const who = identity();
    const region = options.region ?? settings().region;
    let byRegion = made.get(who);
    if (!byRegion) made.set(who, (byRegion = new Map()));
    let client = byRegion.get(region);
    if (!client) byRegion.set(region, (client = new Client({ ...configFor(who.credentials, region), ...options.config } as never)));
    return client;
  };
}
