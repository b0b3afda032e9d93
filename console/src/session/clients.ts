/** The official SDK clients, signed as whoever acts now, against the cloud that served this page. */

import type { AwsCredentialIdentity } from '@smithy/types';
import { requireShown } from '../from-shell/sending.ts';
import { settings } from '../shell/settings.ts';
import { identity, noticeEnd, type Credentials, type Identity } from './session.ts';

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
    if (!client)
      byRegion.set(region, (client = guarded(who, new Client({ ...configFor(who.credentials, region), ...options.config } as never))));
    return client;
  };
}

type Middleware = (next: (args: { input: object }) => unknown, context: { commandName?: string }) => (args: { input: object }) => unknown;

/** Whatever changes something is shown before it is sent (see from-shell/sending.ts), and a session that has ended is noticed at once. */
function guarded<C>(who: Identity, client: C): C {
  const { middlewareStack } = client as { middlewareStack: { add(middleware: Middleware, options: object): void } };
  const guard: Middleware =
    (next, { commandName }) =>
    async (args) => {
      requireShown(commandName, args.input);
      try {
        return await next(args);
      } catch (error) {
        noticeEnd(who, error as Error);
        throw error;
      }
    };
  middlewareStack.add(guard, { step: 'initialize', priority: 'high', name: 'shownBeforeSent' });
  return client;
}
