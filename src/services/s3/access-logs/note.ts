/** Noting down a request for the access log of its bucket. */

import type { HttpResponse } from '../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { lookedUp, type Found } from '../buckets/lookup.ts';
import { accessLogLines } from '../tables.ts';
import { lineOf } from './line.ts';

/** Whether a request is to be noted down. */
export function isLogged({ http }: ServiceRequest, found: Found | undefined): boolean {
  return http !== undefined && found?.bucket.configurations?.logging !== undefined;
}

/** Costs nothing where the bucket has no log. A line may be lost when the process is killed, as AWS says of its own. */
export async function noteAccess(request: ServiceRequest, response: HttpResponse): Promise<void> {
  const found = lookedUp(request);
  if (!request.http || !found || !isLogged(request, found)) return;
  const line = lineOf(request, request.http, response, found, request.clock.now());
  const row = { bucket: found.bucket.name, at: request.now, id: request.requestId, line };
  await request.store.write((tx) => accessLogLines.put(tx, row), 'relaxed');
}
