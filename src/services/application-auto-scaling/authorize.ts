/** What each operation needs to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html */

import { parseArn } from '../../framework/arn.ts';
import type { Check } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { targetArn } from './scalable-targets/target.ts';
import { targets } from './tables.ts';

type OnTarget = {
  ServiceNamespace: string | undefined;
  ResourceId: string | undefined;
  ScalableDimension: string | undefined;
  Tags?: Record<string, string> | undefined;
};

export const onAll = (action: string) => (): Check[] => [{ action: `application-autoscaling:${action}`, resource: '*' }];

/** A target that is not registered yet has no name. */
export const onTarget =
  (action: string) =>
  async ({ account, region, store }: ServiceRequest, input: OnTarget): Promise<Check[]> => {
    const { ServiceNamespace: namespace, ResourceId: resource, ScalableDimension: dimension, Tags } = input;
    const target = await store.read((tx) => targets.get(tx, account, region, namespace!, resource!, dimension!));
    const context = {
      'application-autoscaling:service-namespace': namespace,
      'application-autoscaling:scalable-dimension': dimension,
      ...requestTagContext(tagsOf(Tags)),
      ...resourceTagContext(target?.tags ?? []),
    };
    return [
      {
        action: `application-autoscaling:${action}`,
        resource: target ? targetArn(target) : targetArn({ account, region, id: '*' }),
        context,
      },
    ];
  };

export const onTagged =
  (action: string) =>
  (
    request: ServiceRequest,
    input: { ResourceARN: string | undefined; Tags?: Record<string, string> | undefined; TagKeys?: readonly string[] | undefined },
  ): Check[] => [
    {
      action: `application-autoscaling:${action}`,
      resource: input.ResourceARN!,
      resourceAccount: parseArn(input.ResourceARN!)?.account || request.account,
      context: {
        ...requestTagContext(tagsOf(input.Tags)),
        ...(input.TagKeys && tagKeyContext(input.TagKeys)),
      },
    },
  ];
