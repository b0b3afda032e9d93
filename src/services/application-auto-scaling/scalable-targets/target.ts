/** Scalable targets: what of a resource may be scaled, and between which capacities. So far DynamoDB's tables and indexes. */

import { arn } from '../../../framework/arn.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { noTarget, validationException } from '../errors.ts';
import { targets } from '../tables.ts';
import { placeOf, type Place, type Scaled } from './scaled.ts';

export type Suspended = { in?: boolean; out?: boolean; scheduled?: boolean };

export type Target = Place & {
  id: string;
  min: number;
  max: number;
  /** Milliseconds since the epoch. */
  created: number;
  suspended: Suspended;
  tags: Tag[];
};

export const linkedService = 'dynamodb.application-autoscaling.amazonaws.com';

export const roleArn = (account: string): string =>
  arn('iam', '', account, `role/aws-service-role/${linkedService}/AWSServiceRoleForApplicationAutoScaling_DynamoDBTable`);

export const targetArn = ({ account, region, id }: Pick<Target, 'account' | 'region' | 'id'>): string =>
  arn('application-autoscaling', region, account, `scalable-target/${id}`);

const dimensions: ReadonlySet<string> = new Set(
  ['table', 'index'].flatMap((what) => ['Read', 'Write'].map((kind) => `dynamodb:${what}:${kind}CapacityUnits`)),
);

type Given = { ServiceNamespace?: string | undefined; ResourceId?: string | undefined; ScalableDimension?: string | undefined };

/** Throws NotImplemented for a namespace that is not built. */
export function checkNamespace(operation: string, namespace: string | undefined): void {
  if (namespace !== 'dynamodb') throw notImplemented(`application-autoscaling:${operation} with ServiceNamespace ${namespace}`);
}

/** Throws ValidationException for what DynamoDB does not have. */
export function scaledOf(operation: string, { ServiceNamespace, ResourceId, ScalableDimension }: Given): Scaled {
  checkNamespace(operation, ServiceNamespace);
  if (!dimensions.has(ScalableDimension!))
    throw validationException(`Unsupported service namespace, resource type or scalable dimension: ${ScalableDimension}`);
  const form = ScalableDimension!.startsWith('dynamodb:table:') ? /^table\/[\w.-]+$/ : /^table\/[\w.-]+\/index\/[\w.-]+$/;
  if (!form.test(ResourceId!)) throw validationException(`Unsupported resource type: ${ResourceId}`);
  return { namespace: ServiceNamespace!, resource: ResourceId!, dimension: ScalableDimension! };
}

/** Which rows a call means that may name one resource, and one dimension of it. Throws ValidationException. */
export function meantBy(operation: string, { ServiceNamespace, ResourceId, ScalableDimension }: Given): (row: Scaled) => boolean {
  checkNamespace(operation, ServiceNamespace);
  if (ScalableDimension !== undefined && ResourceId === undefined)
    throw validationException('ResourceId must be given with ScalableDimension');
  return ({ resource, dimension }) =>
    (ResourceId === undefined || resource === ResourceId) && (ScalableDimension === undefined || dimension === ScalableDimension);
}

/** The table, the index if it is one's, and the kind of units that a dimension means. */
export function partsOf({ resource, dimension }: Scaled): { table: string; index?: string; kind: 'Read' | 'Write' } {
  const [, table, , index] = resource.split('/');
  return { table: table!, ...(index !== undefined && { index }), kind: dimension.includes(':Read') ? 'Read' : 'Write' };
}

export async function requireTarget(tx: ReadTransaction, account: string, region: string, scaled: Scaled): Promise<Target> {
  const target = await targets.get(tx, ...placeOf({ account, region, ...scaled }));
  if (!target) throw noTarget(scaled);
  return target;
}
