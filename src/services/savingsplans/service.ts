/** Savings Plans: its contents page. What is not listed here answers NotImplemented. */

import type { Authorizer } from '../../framework/authorization.ts';
import { planArn, savingsPlans } from '../../framework/billing/savings-plans.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { defineService } from '../../framework/service.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { DescribeSavingsPlansOfferingRates, DescribeSavingsPlansOfferings } from './offerings/operations.ts';
import * as plans from './plans/operations.ts';
import type { SavingsPlans } from './sdk.ts';
import { ListTagsForResource, TagResource, UntagResource } from './tags/operations.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssavingsplans.html */
type OnPlan = {
  savingsPlanId?: string | undefined;
  resourceArn?: string | undefined;
  tags?: Record<string, string> | undefined;
  tagKeys?: string[] | undefined;
};
const onPlan: Authorizer<OnPlan> = async (request, input) => {
  const id = input.savingsPlanId ?? input.resourceArn?.split('/').at(-1) ?? '';
  const { account, store, operation } = request;
  const found = await store.read((tx) => savingsPlans.get(tx, account, id.slice(0, 100)));
  const asked = input.tagKeys ? tagKeyContext(input.tagKeys) : requestTagContext(tagsOf(input.tags));
  const resource = planArn({ account, id });
  return [{ action: `savingsplans:${operation}`, resource, context: { ...resourceTagContext(found?.tags ?? []), ...asked } }];
};

const reads: Authorizer<unknown> = ({ operation }) => [{ action: `savingsplans:${operation}`, resource: '*' }];

const buys: Authorizer<{ tags?: Record<string, string> | undefined }> = ({ operation }: ServiceRequest, { tags }) => [
  { action: `savingsplans:${operation}`, resource: '*', context: requestTagContext(tagsOf(tags)) },
];

export const service = defineService<SavingsPlans>({
  name: 'savingsplans',
  tables: [savingsPlans],
  operations: {
    ...{ DescribeSavingsPlansOfferings, DescribeSavingsPlansOfferingRates },
    ...plans,
    ...{ TagResource, UntagResource, ListTagsForResource },
  },
  authorize: {
    ...{ DescribeSavingsPlansOfferings: reads, DescribeSavingsPlansOfferingRates: reads },
    ...{ CreateSavingsPlan: buys, DescribeSavingsPlans: reads },
    ...{ DescribeSavingsPlanRates: onPlan, DeleteQueuedSavingsPlan: onPlan, ReturnSavingsPlan: onPlan },
    ...{ TagResource: onPlan, UntagResource: onPlan, ListTagsForResource: onPlan },
  },
});
