/** Services as customers of each other: the same authorisation, audit and metering, without the wire. */

import type { ServiceRequest } from '../framework/request.ts';
import { loadModel, modelIndex, type ModelSummary } from '../protocols/models.ts';
import { missingMembers } from '../protocols/required.ts';
import { deniedBy, type Decider } from './authorize.ts';
import { authorize, requireOperation } from './invoke.ts';
import type { GatewayParts, InProcessCaller } from './parts.ts';
import { record } from './record.ts';
import { serviceRequest } from './request-context.ts';
import { createRequestIds, type RequestIds } from './request-ids.ts';

const LOCAL = { scheme: 'http', host: 'localhost:4566' } as const;

/** Services that call each other in a circle would do so for ever. */
const CALLS_DEEP_MAX = 16;

/** Calls an operation as a caller. Rejects with the AwsError that the operation or its authorisation throws. */
export async function callInProcess(
  parts: GatewayParts,
  caller: InProcessCaller,
  service: string,
  operation: string,
  input: unknown,
): Promise<unknown> {
  const found = parts.services.find(service);
  const definition = found instanceof Promise ? await found : found;
  const run = requireOperation(definition, service, operation);
  const summary = summaryOf(service);
  if ((caller.via?.length ?? 0) > CALLS_DEEP_MAX)
    throw new Error(`${service}:${operation} is called in a circle: ${caller.via!.join(', ')}`);
  const now = parts.clock.now();
  const decider = deciderOf(caller, now, deniedBy(definition!, summary.protocols[0]!));
  const request = requestOf(parts, caller, service, operation, decider);
  let output: unknown;
  let failure: unknown;
  try {
    const model = loadModel(service).operations.get(operation)!;
    definition!.checkInput?.(request, input as object, missingMembers(model.input, input as Record<string, unknown>));
    output = await run(request, await authorize(parts, definition!, request, input, decider));
    return output;
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    if (!caller.quiet)
      record(
        parts,
        {
          request,
          definition,
          summary,
          operation: loadModel(service).operations.get(operation),
          operationName: operation,
          input,
          output,
          error: failure,
          outcomes: decider.outcomes,
          via: askerOf(caller),
        },
        false,
      );
  }
}

function deciderOf(caller: InProcessCaller, now: number, denied: Decider['denied']): Decider {
  const { principal, account, region, sourceIp, userAgent, via = [] } = caller;
  const facts = {
    now,
    region,
    secure: true,
    ...(sourceIp && { sourceIp }),
    ...(userAgent && { userAgent }),
    ...(via.length > 0 && { calledVia: via }),
  };
  return { principal, account, facts, denied, outcomes: [] };
}

function requestOf(parts: GatewayParts, caller: InProcessCaller, service: string, operation: string, decider: Decider): ServiceRequest {
  const { now } = decider.facts;
  return serviceRequest(parts, {
    service,
    operation,
    account: caller.account,
    region: caller.region,
    principal: caller.principal,
    requestId: requestIdsOf(parts).uuid(now),
    now,
    signal: caller.signal,
    endpoint: caller.endpoint ?? LOCAL,
    sourceIp: caller.sourceIp ?? askerOf(caller),
    userAgent: caller.userAgent ?? askerOf(caller),
    accessKeyId: undefined,
    http: undefined,
    via: caller.via ?? [],
    decider,
    callInProcess,
  });
}

/** Who stands behind the call, as CloudTrail names it. */
function askerOf({ principal, via }: InProcessCaller): string {
  return via?.at(-1) ?? (principal.type === 'Service' ? principal.name : 'AWS Internal');
}

const summaries = new Map<string, ModelSummary>();

function summaryOf(service: string): ModelSummary {
  if (summaries.size === 0) for (const summary of modelIndex()) summaries.set(summary.name, summary);
  return summaries.get(service)!;
}

const ids = new WeakMap<GatewayParts, RequestIds>();

export function requestIdsOf(parts: GatewayParts): RequestIds {
  let found = ids.get(parts);
  if (!found) ids.set(parts, (found = createRequestIds(parts.random)));
  return found;
}
