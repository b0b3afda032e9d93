/** Builds what an operation is handed. */

import type { Check } from '../framework/authorization.ts';
import type { Aws } from '../framework/clients.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { Usage } from '../framework/meter.ts';
import type { Actor } from '../framework/policy/principals.ts';
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
  return new GatewayRequest(parts, facts);
}

/** A class for the sake of its accessors, which would cost every request an object of a shape of its own. */
class GatewayRequest implements ServiceRequest {
  readonly service: string;
  readonly operation: string;
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  readonly now: number;
  readonly clock: ServiceRequest['clock'];
  readonly random: ServiceRequest['random'];
  readonly store: ServiceRequest['store'];
  readonly blobs: ServiceRequest['blobs'];
  readonly host: ServiceRequest['host'];
  readonly audit: ServiceRequest['audit'];
  readonly meter: ServiceRequest['meter'];
  readonly endpoint: ServiceRequest['endpoint'];
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly accessKeyId: string | undefined;
  readonly internal: boolean;
  readonly via: readonly string[];
  readonly http: HttpRequest | undefined;
  readonly mfaCodeFits?: (serial: string, code: string) => Promise<boolean>;
  readonly #parts: GatewayParts;
  readonly #facts: ContextFacts;
  #aws: Aws | undefined;

  constructor(parts: GatewayParts, facts: ContextFacts) {
    this.service = facts.service;
    this.operation = facts.operation;
    this.account = facts.account;
    this.region = facts.region;
    this.principal = facts.principal;
    this.requestId = facts.requestId;
    this.now = facts.now;
    this.clock = parts.clock;
    this.random = parts.random;
    this.store = parts.store;
    this.blobs = parts.blobs;
    this.host = parts.host;
    this.audit = parts.audit;
    this.meter = parts.meter;
    this.endpoint = facts.endpoint;
    this.sourceIp = facts.sourceIp;
    this.userAgent = facts.userAgent;
    this.accessKeyId = facts.accessKeyId;
    this.internal = facts.http === undefined;
    this.via = facts.via;
    this.http = facts.http;
    const fits = parts.identity.mfaCodeFits;
    if (fits) this.mfaCodeFits = (serial, code) => fits.call(parts.identity, facts.principal, serial, code, facts.now);
    this.#parts = parts;
    this.#facts = facts;
  }

  get signal(): AbortSignal {
    return this.http ? this.http.signal : (this.#facts.signal ?? never);
  }

  get aws(): Aws {
    return (this.#aws ??= this.awsAs(this.principal));
  }

  awsAs(as: Principal, where: Where = {}): Aws {
    const caller = onBehalf(this.#facts, as, where);
    return createAws((name, called, input) => this.#facts.callInProcess(this.#parts, caller, name, called, input));
  }

  async permit(check: Check): Promise<void> {
    await requireAll(this.#parts, this.#facts.decider, [check]);
  }

  async permits(check: Check, as?: Actor): Promise<boolean> {
    const { decider } = this.#facts;
    return (await decide(this.#parts, as ? deciderAs(decider, as) : decider, check)).allowed;
  }

  use(usage: Usage): void {
    const { account, region, service, operation, now } = this;
    this.meter.record({ account, region, service, operation, ...usage, at: now });
  }
}

/** Decides for another: the policies that are known already are the caller's own. */
function deciderAs({ policies: _callers, ...decider }: Decider, principal: Actor): Decider {
  return { ...decider, principal };
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
