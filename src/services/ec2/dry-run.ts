/** Dry runs, for every operation in one place: what was authorised and is asked for only in name says so and does nothing. */

import type { ServiceRequest } from '../../framework/request.ts';
import { dryRunSucceeded } from './errors.ts';

type AnyOperation = (request: ServiceRequest, input: never) => Promise<unknown>;

/** The same operations, which answer DryRunOperation (412) where the input says DryRun. A caller who may not was refused before. */
export function withDryRun<Operations extends object>(operations: Operations): Operations {
  const wrapped = Object.entries(operations as Record<string, AnyOperation>).map(([name, operation]) => [
    name,
    async (request: ServiceRequest, input: { DryRun?: boolean }) => {
      if (input.DryRun === true) throw dryRunSucceeded();
      return operation(request, input as never);
    },
  ]);
  return Object.fromEntries(wrapped) as Operations;
}
