/** What every resource of EC2 has: an owner, a region, an id that says its type, and tags. */

import { arn } from '../../framework/arn.ts';
import type { AwsError } from '../../framework/aws-error.ts';
import type { Random } from '../../framework/random.ts';
import type { Tag } from '../../framework/tags.ts';
import type { ReadTransaction } from '../../store/store.ts';
import type { Table } from '../../store/table.ts';
import { refusal } from './errors.ts';

export type Resource = { account: string; region: string; id: string; tags?: Tag[] };

/** Where a resource lives: requests and records both say it. */
export type Place = { readonly account: string; readonly region: string };

export type ResourceType<Row extends Resource = Resource> = {
  /** As ARNs and TagSpecifications name it: `vpc`, `security-group`. */
  readonly name: string;
  /** What its ids begin with, without the dash. */
  readonly prefix: string;
  /** Keyed by account, region and id. */
  readonly table: Table<Row, any>;
  notFound(id: string): AwsError;
  malformed(id: string): AwsError;
};

/** Any type, for lists of them. */
export type AnyResourceType = ResourceType<any>;

/**
 * Declares a type.
 * @param missing the code and the words before the id: `['InvalidVpcID.NotFound', 'The vpc ID']`; or all words as a function of the id.
 */
export function resourceType<Row extends Resource>(
  name: string,
  prefix: string,
  table: Table<Row, any>,
  missing: readonly [code: string, words: string | ((id: string) => string)],
): ResourceType<Row> {
  const [code, words] = missing;
  const malformedCode = code.endsWith('.NotFound') ? code.replace('.NotFound', '.Malformed') : 'InvalidParameterValue';
  return {
    ...{ name, prefix, table },
    notFound: (id) => refusal(code)(typeof words === 'string' ? `${words} '${id}' does not exist` : words(id)),
    malformed: (id) => refusal(malformedCode)(`Invalid id: "${id}" (expecting "${prefix}-...")`),
  };
}

/** A new id; seventeen hexadecimal digits, of which AWS's first is a zero. */
export function newId(random: Random, prefix: string): string {
  return `${prefix}-0${random.bytes(8).toString('hex')}`;
}

/** Types that AWS names without an account: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
const accountless = new Set(['image', 'snapshot']);

export function resourceArn(type: Pick<AnyResourceType, 'name'>, { account, region }: Place, id: string): string {
  return arn('ec2', region, accountless.has(type.name) ? '' : account, `${type.name}/${id}`);
}

/** Throws the type's Malformed error for what cannot be one of its ids. */
export function checkId(type: AnyResourceType, id: string): void {
  if (!id.startsWith(`${type.prefix}-`) || !/^[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(id.slice(type.prefix.length + 1)))
    throw type.malformed(id);
}

/** The resource with this id in the place. Throws the type's NotFound or Malformed error. */
export async function requireResource<Row extends Resource>(
  tx: ReadTransaction,
  { account, region }: Place,
  type: ResourceType<Row>,
  id: string,
): Promise<Row> {
  const row = await type.table.get(tx, account, region, id);
  if (row) return row;
  checkId(type, id);
  throw type.notFound(id);
}

/** All resources of a type in a place. */
export async function resourcesIn<Row extends Resource>(
  tx: ReadTransaction,
  { account, region }: Place,
  type: ResourceType<Row>,
): Promise<Row[]> {
  return (await type.table.scan(tx, [account, region])).map(({ row }) => row);
}

/** Those that an index of the table finds under an id of the same place. */
export async function resourcesBy<Row extends Resource>(
  tx: ReadTransaction,
  { account, region }: Place,
  type: ResourceType<Row>,
  index: string,
  id: string,
): Promise<Row[]> {
  return (await type.table.scanIndex(tx, index, [account, region, id])).map(({ row }) => row);
}
