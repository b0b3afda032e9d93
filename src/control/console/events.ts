/** GET /_console/api/events: tells a browser which services of its account have changed, so that lists need no polling. */

import { Readable } from 'node:stream';
import type { HttpRequest, HttpResponse } from '../../framework/http-message.ts';
import type { ControlledCloud } from '../controlled-cloud.ts';

/** Changes gather for a moment: a bulk load is one hint, not thousands. */
const GATHER_MILLISECONDS = 250;
const PING_MILLISECONDS = 25_000;

/** Names of services and nothing else: what changed, a browser reads through the API, as far as it may. */
export function streamChanges({ audit, closing }: ControlledCloud, request: HttpRequest, account: string): HttpResponse {
  const body = new Readable({ read: () => {} });
  const changed = new Set<string>();
  const send = (text: string): void => void (body.destroyed || body.push(text));
  const stopListening = audit.onAppend((event) => {
    if (event.recipientAccountId === account && !event.readOnly && event.errorCode === undefined)
      changed.add(`${event.awsRegion} ${event.eventSource.split('.')[0]}`);
  });
  const gather = setInterval(() => {
    if (changed.size === 0) return;
    send(`data: ${JSON.stringify([...changed])}\n\n`);
    changed.clear();
  }, GATHER_MILLISECONDS).unref();
  const ping = setInterval(() => send(': here\n\n'), PING_MILLISECONDS).unref();
  const stop = (): void => {
    stopListening();
    closing.removeEventListener('abort', end);
    clearInterval(gather);
    clearInterval(ping);
    body.destroy();
  };
  const end = (): void => void (body.destroyed || body.push(null));
  closing.addEventListener('abort', end, { once: true });
  request.signal.addEventListener('abort', stop, { once: true });
  body.once('close', stop);
  send(': here\n\n');
  return { status: 200, headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }, body };
}
