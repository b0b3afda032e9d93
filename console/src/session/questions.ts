/** Questions that the page asks which opens first, to services that speak AWS's JSON: as an SDK's client would ask them, at a fiftieth of its size. */

import { onlyAsks } from '../from-shell/sending.ts';
import { settings } from '../shell/settings.ts';
import { identity, noticeEnd } from './session.ts';
import { signed } from './signature.ts';

/** What goes wrong is told as the SDK tells it. */
class ServiceFailure extends Error {
  readonly $metadata: { httpStatusCode: number; requestId?: string };
  constructor(name: string, message: string, metadata: ServiceFailure['$metadata']) {
    super(message);
    this.name = name;
    this.$metadata = metadata;
  }
}

/** The name that IAM knows a service by, the one of its targets, and where it is, if in one region alone. */
type Service = { service: string; target: string; region?: string };

/**
 * Asks as whoever acts now: `(operation, input) => output`, both as the service writes them, so that times are seconds. Rejects with an error
 * of the SDK's form. Only questions: whatever changes something is shown before, and sent by the SDK.
 */
export function questionsTo({ service, target, region }: Service): (operation: string, input: object) => Promise<unknown> {
  return async (operation, input) => {
    if (!onlyAsks(operation)) throw new Error(`${operation} is no question`);
    const who = identity();
    const body = JSON.stringify(input);
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${operation}` };
    const place = { credentials: who.credentials, service, region: region ?? settings().region };
    const send = (): Promise<Response> =>
      fetch('/', { method: 'POST', body, headers: signed(body, headers, place), credentials: 'omit', cache: 'no-store' });
    // Once more where the connection broke: a browser does not ask again by itself, since it is a POST.
    const answer = await send().catch(send);
    const text = await answer.text();
    if (answer.ok) return JSON.parse(text) as unknown;
    const failure = failureFrom(text, answer);
    noticeEnd(who, failure);
    throw failure;
  };
}

function failureFrom(text: string, { status, headers }: Response): ServiceFailure {
  const requestId = headers.get('x-amzn-requestid');
  const metadata = { httpStatusCode: status, ...(requestId !== null && { requestId }) };
  try {
    const { __type, message, Message } = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    return new ServiceFailure((__type ?? String(status)).split('#').at(-1)!, message ?? Message ?? '', metadata);
  } catch {
    // Not the service's: a proxy's page, shown as it is.
    return new ServiceFailure(String(status), text, metadata);
  }
}
