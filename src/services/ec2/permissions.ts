/** How EC2's operations ask to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, resourceTagContext, tagsOf } from '../../framework/tags.ts';
import { resourceArn, type AnyResourceType, type Resource } from './resource.ts';

/** A resource that a call is about: its type and its id; several, or none where the input leaves it out. */
export type Target = readonly [type: AnyResourceType, id: string | readonly string[] | undefined];
type Tagged = { TagSpecifications?: { ResourceType?: string; Tags?: { Key?: string; Value?: string }[] }[] | undefined };

/** Actions that know no resource: all Describe calls. */
export const anywhere: Authorizer<unknown> = (request) => [
  { action: `ec2:${request.operation}`, resource: '*', context: { 'ec2:Region': request.region } },
];

/** The action of the call on resources that are there. */
export function on<Input>(targets: (input: Input) => readonly Target[], context?: (input: Input) => ConditionContext): Authorizer<Input> {
  return async (request, input) => {
    const checks = await checksOn(request, targets(input), context?.(input));
    return checks.length > 0 ? checks : anywhere(request, input);
  };
}

/** The action on a resource to be made, on those that it is made in, and ec2:CreateTags where it is born with tags. */
export function creating<Input>(
  type: Pick<AnyResourceType, 'name'>,
  targets: (input: Input) => readonly Target[] = () => [],
  context?: (input: Input) => ConditionContext,
): Authorizer<Input> {
  return async (request, input) => {
    const tags = tagsOf((input as Tagged).TagSpecifications?.find((given) => given.ResourceType === type.name)?.Tags);
    const resource = resourceArn(type, request, '*');
    const own = { 'ec2:Region': request.region, ...requestTagContext(tags), ...context?.(input) };
    const tagging: Check = { action: 'ec2:CreateTags', resource, context: { ...own, 'ec2:CreateAction': request.operation } };
    return [
      { action: `ec2:${request.operation}`, resource, context: own },
      ...(await checksOn(request, targets(input))),
      ...(tags.length > 0 ? [tagging] : []),
    ];
  };
}

/** Resources that are not there are asked about by their ARN alone; the operation says afterwards that they are missing. */
export async function checksOn(request: ServiceRequest, targets: readonly Target[], context?: ConditionContext): Promise<Check[]> {
  const wanted = targets.flatMap(([type, ids]) => (typeof ids === 'string' ? [ids] : (ids ?? [])).map((id) => ({ type, id })));
  const rows = await request.store.read(async (tx) => {
    const found: (Resource | undefined)[] = [];
    for (const { type, id } of wanted) found.push((await type.table.get(tx, request.account, request.region, id)) as Resource | undefined);
    return found;
  });
  return wanted.map(({ type, id }, at) => ({
    action: `ec2:${request.operation}`,
    resource: resourceArn(type, request, id),
    context: {
      'ec2:Region': request.region,
      ...placeContext(request, rows[at]),
      ...resourceTagContext(rows[at]?.tags ?? [], 'ec2'),
      ...context,
    },
  }));
}

/** `ec2:Vpc`, `ec2:Subnet` and `ec2:AvailabilityZone`, where the record has them. */
function placeContext({ account, region }: ServiceRequest, row: Resource | undefined): ConditionContext {
  const { vpc, subnet, zone } = (row ?? {}) as { vpc?: string; subnet?: string; zone?: string };
  return {
    ...(typeof vpc === 'string' && { 'ec2:Vpc': `arn:aws:ec2:${region}:${account}:vpc/${vpc}` }),
    ...(typeof subnet === 'string' && { 'ec2:Subnet': `arn:aws:ec2:${region}:${account}:subnet/${subnet}` }),
    ...(typeof zone === 'string' && { 'ec2:AvailabilityZone': zone }),
  };
}
