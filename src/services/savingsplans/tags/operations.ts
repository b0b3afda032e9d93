/** Tags of savings plans. */

import { planArn, savingsPlans } from '../../../framework/billing/savings-plans.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import { planNotFound, quotaExceeded, validation } from '../errors.ts';
import { requirePlan } from '../plans/plan.ts';
import type { Operation } from '../sdk.ts';

/** Throws ValidationException or ServiceQuotaExceededException. */
export function checkTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (!fault) return tags;
  if (fault.kind === 'tooMany') throw quotaExceeded(`A savings plan can have ${fault.max} tags.`);
  throw validation(`The tag ${fault.key} is not valid: ${fault.kind}.`);
}

/** Throws ResourceNotFoundException for what is no plan of the account. */
function idOf({ account }: ServiceRequest, arn: string): string {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  if (arn !== planArn({ account, id })) throw planNotFound(arn);
  return id;
}

async function change(request: ServiceRequest, arn: string, next: (tags: Tag[]) => Tag[]): Promise<void> {
  const id = idOf(request, arn);
  await request.store.write(async (tx) => {
    const plan = await requirePlan(tx, request.account, id);
    await savingsPlans.put(tx, { ...plan, tags: next(plan.tags) });
  });
}

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkTags(tagsOf(input.tags));
  await change(request, input.resourceArn, (tags) => checkTags(mergeTags(tags, added)));
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.tagKeys);
  await change(request, input.resourceArn, (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, { resourceArn }) => {
  const id = idOf(request, resourceArn);
  const { tags } = await request.store.read((tx) => requirePlan(tx, request.account, id));
  return { tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
};
