/** Names under `.localhost`, which not every machine resolves: a client of an SDK that finds this machine behind all of them. */

import { Agent } from 'node:http';
import type { LookupFunction } from 'node:net';
import type { ClientConfig } from './live-cloud.ts';

const lookup: LookupFunction = (_host, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);

/** What a client is given so that `NAME.localhost` leads to the cloud on that port. */
export const byHostName = (port: number): ClientConfig => ({
  endpoint: `http://localhost:${port}`,
  requestHandler: { httpAgent: new Agent({ lookup }) },
});
