/** The Price List API: its contents page. What is not listed here answers NotImplemented. */

import type { Authorizer } from '../../framework/authorization.ts';
import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { DescribeServices, GetAttributeValues, GetProducts } from './operations.ts';
import type { Pricing } from './sdk.ts';

/** Prices are no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awspricelist.html */
const onAll =
  (operation: string): Authorizer<unknown> =>
  () => [{ action: `pricing:${operation}`, resource: '*' }];

export const service: ServiceDefinition<Pricing> = defineService<Pricing>({
  name: 'pricing',
  operations: { DescribeServices, GetAttributeValues, GetProducts },
  authorize: {
    DescribeServices: onAll('DescribeServices'),
    GetAttributeValues: onAll('GetAttributeValues'),
    GetProducts: onAll('GetProducts'),
  },
});
