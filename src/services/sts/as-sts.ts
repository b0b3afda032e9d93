/** STS as a customer of IAM: it reads roles, policies and providers under its own name, not its caller's. */

import type { Aws } from '../../framework/clients.ts';
import type { ServicePrincipal } from '../../framework/principal.ts';
import type { ServiceRequest } from '../../framework/request.ts';

/** The services of an account, called by STS itself and told to nobody. */
export function asSts(request: ServiceRequest, account: string): Aws {
  const principal: ServicePrincipal = { type: 'Service', account, arn: '', id: 'sts.amazonaws.com', name: 'sts.amazonaws.com' };
  return request.awsAs(principal, { account, quiet: true });
}
