/** `request.aws.sns('Publish', …)`: services as customers of each other, in process. */

import type { Aws } from './clients.ts';

/** Calls an operation of a service by the folder's name. */
export type Call = (service: string, operation: string, input: unknown) => Promise<unknown>;

/** One property for each service, made when first used. */
export function createAws(call: Call): Aws {
  const callers = new Map<string, unknown>();
  return new Proxy({} as Aws, {
    get: (_target, property) => {
      // A promise may resolve with one: it has no `then`.
      if (typeof property !== 'string' || property === 'then') return undefined;
      let caller = callers.get(property);
      if (!caller) {
        const service = folderName(property);
        caller = (operation: string, input: unknown) => call(service, operation, input);
        callers.set(property, caller);
      }
      return caller;
    },
  });
}

/** `route53` and `elasticLoadBalancingV2` to the folders' names; digits that AWS sets off by a dash are listed. */
function folderName(property: string): string {
  if (property === 'route53') return 'route-53';
  return property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
