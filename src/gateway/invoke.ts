/** Authorises one call and runs its operation: the same for callers on the network and in process. */

import { notImplemented } from '../framework/aws-error.ts';
import { unsigned, type Authorizer } from '../framework/authorization.ts';
import type { ServiceRequest } from '../framework/request.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import { requireAll, type Decider } from './authorize.ts';
import type { GatewayParts } from './parts.ts';

type Operation = (request: ServiceRequest, input: unknown) => Promise<unknown>;

/** The function behind an operation. Throws NotImplemented, naming it, where none is built. */
export function requireOperation(definition: ServiceDefinition | undefined, service: string, name: string): Operation {
  const operations = definition?.operations as Record<string, Operation | undefined> | undefined;
  const operation = operations && Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) throw notImplemented(`${service}:${name}`);
  return operation;
}

/** What a definition says of authorisation for one operation. */
export function authorizerOf(definition: ServiceDefinition, name: string): Authorizer<unknown> | typeof unsigned {
  const entry = (definition.authorize as Record<string, Authorizer<unknown> | typeof unsigned | undefined>)[name];
  if (!entry) throw new Error(`${definition.name}: no authorisation is declared for ${name}`);
  return entry;
}

/** Throws unless the caller may. Resolves with the input as the operation is to see it. */
export async function authorize(
  parts: GatewayParts,
  definition: ServiceDefinition,
  request: ServiceRequest,
  input: unknown,
  decider: Decider,
): Promise<unknown> {
  const authorizer = authorizerOf(definition, request.operation);
  if (authorizer === unsigned) return input;
  const resolved = definition.resolveInput?.(request, input as object) ?? input;
  const seen = resolved instanceof Promise ? await resolved : resolved;
  const checks = authorizer(request, seen);
  const deciding = requireAll(parts, decider, checks instanceof Promise ? await checks : checks);
  if (deciding) await deciding;
  return seen;
}
