/** Services as customers of each other: the same authorisation, audit and metering, without the wire. */

import { loadModel, modelIndex, type ModelSummary } from '../protocols/models.ts';
import { deniedBy, type Decider } from './authorize.ts';
import { authorize, requireOperation } from './invoke.ts';
import type { GatewayParts, InProcessCaller } from './parts.ts';
import { record } from './record.ts';
import { serviceRequest } from './request-context.ts';
import { createRequestIds, type RequestIds } from './request-ids.ts';

const LOCAL = { scheme: 'http', host: 'localhost:4566' } as const;

/** Calls an operation as a caller. Rejects with the AwsError that the operation or its authorisation throws. */
export async function callInProcess(parts: GatewayParts, caller: InProcessCaller, service: string, operation: string, input: unknown): Promise<unknown> {
  const definition = await parts.services.find(service);
  const run = requireOperation(definition, service, operation);
  const summary = summaryOf(service);
  const now = parts.clock.now();
  const requestId = requestIdsOf(parts).uuid(now);
  const { principal, account, region, via = [] } = caller;
  const asker = via.at(-1) ?? (principal.type === 'Service' ? principal.name : 'AWS Internal');
  const sourceIp = caller.sourceIp ?? asker;
  const decider: Decider = {
    principal,
    account,
    facts: { now, region, secure: true, ...(caller.sourceIp && { sourceIp }), ...(caller.userAgent && { userAgent: caller.userAgent }), ...(via.length > 0 && { calledVia: via }) },
    denied: deniedBy(definition!, summary?.protocols[0] ?? 'awsJson1_1'),
    outcomes: [],
  };
  const request = serviceRequest(parts, {
    service,
    operation,
    account,
    region,
    principal,
    requestId,
    now,
    signal: caller.signal,
    endpoint: caller.endpoint ?? LOCAL,
    sourceIp,
    userAgent: caller.userAgent ?? asker,
    accessKeyId: undefined,
    http: undefined,
    via,
    decider,
  });
  let output: unknown;
  let failure: unknown;
  try {
    await authorize(parts, definition!, request, input, decider);
    output = await run(request, input);
    return output;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    if (summary) {
      const model = loadModel(service);
      record(parts, { request, definition, summary, operation: model.operations.get(operation), operationName: operation, input, output, error: failure, outcomes: decider.outcomes, via: asker });
    }
  }
}

const summaries = new Map<string, ModelSummary>();

function summaryOf(service: string): ModelSummary | undefined {
  if (summaries.size === 0) for (const summary of modelIndex()) summaries.set(summary.name, summary);
  return summaries.get(service);
}

const ids = new WeakMap<GatewayParts, RequestIds>();

export function requestIdsOf(parts: GatewayParts): RequestIds {
  let found = ids.get(parts);
  if (!found) ids.set(parts, (found = createRequestIds(parts.random)));
  return found;
}
