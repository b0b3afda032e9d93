/** Builds what an operation is handed. */

import type { Aws } from '../framework/clients.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { Principal } from '../framework/principal.ts';
import type { ServiceRequest } from '../framework/request.ts';
import { createAws } from '../framework/aws-clients.ts';
import { decide, requireAll, type Decider } from './authorize.ts';
import type { GatewayParts, InProcessCaller } from './parts.ts';

export type ContextFacts = {
  service: string;
  operation: string;
  account: string;
  region: string;
  principal: Principal;
  requestId: string;
  now: number;
  signal: AbortSignal | undefined;
  endpoint: { scheme: 'http' | 'https'; host: string };
  sourceIp: string;
  userAgent: string;
  accessKeyId: string | undefined;
  http: HttpRequest | undefined;
  via: readonly string[];
  decider: Decider;
  /** How other services are called; handed in, since they are handed a request too. */
  callInProcess: (parts: GatewayParts, caller: InProcessCaller, service: string, operation: string, input: unknown) => Promise<unknown>;
};

type Where = { account?: string; region?: string; quiet?: boolean };

const never = new AbortController().signal;

/** The request as the operation sees it. What costs something is made when it is first asked for. */
export function serviceRequest(parts: GatewayParts, facts: ContextFacts): ServiceRequest {
  const { service, operation, account, region, principal, http, decider } = facts;
  let aws: Aws | undefined;
  const awsAs = (as: Principal, where: Where = {}): Aws => {
    const caller = onBehalf(facts, as, where);
    return createAws((name, called, input) => facts.callInProcess(parts, caller, name, called, input));
  };
  return {
    service,
    operation,
    account,
    region,
    principal,
    requestId: facts.requestId,
    now: facts.now,
    clock: parts.clock,
    random: parts.random,
    store: parts.store,
    blobs: parts.blobs,
    host: parts.host,
    audit: parts.audit,
    meter: parts.meter,
    endpoint: facts.endpoint,
    sourceIp: facts.sourceIp,
    userAgent: facts.userAgent,
    accessKeyId: facts.accessKeyId,
    internal: http === undefined,
    via: facts.via,
    http,
    get signal() {
      return http ? http.signal : (facts.signal ?? never);
    },
    get aws() {
      return (aws ??= awsAs(principal));
    },
    awsAs,
    permit: (check) => requireAll(parts, decider, [check]),
    permits: async (check, as) => (await decide(parts, as ? { ...decider, principal: as } : decider, check)).allowed,
    ...(parts.identity.mfaCodeFits && {
      mfaCodeFits: (serial: string, code: string) => parts.identity.mfaCodeFits!(principal, serial, code, facts.now),
    }),
    use: (usage) => parts.meter.record({ account, region, service, operation, ...usage, at: facts.now }),
  };
}

/** The same caller stays the caller through services that call each other (forward access sessions); a service's own principal begins anew. */
function onBehalf(facts: ContextFacts, principal: Principal, where: Where): InProcessCaller {
  const passedOn = principal === facts.principal && principal.type !== 'Service';
  return {
    principal,
    account: where.account ?? (principal === facts.principal || principal.account === 'anonymous' ? facts.account : principal.account),
    region: where.region ?? facts.region,
    via: passedOn ? [...facts.via, `${facts.service}.amazonaws.com`] : [],
    ...(passedOn && { sourceIp: facts.sourceIp, userAgent: facts.userAgent }),
    endpoint: facts.endpoint,
    ...(facts.signal && { signal: facts.signal }),
    ...(where.quiet && { quiet: true }),
  };
}
