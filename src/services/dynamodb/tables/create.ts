/** CreateTable. */

import type { GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { Random } from '../../../framework/random.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { tableExists } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkPolicy } from '../policies/operations.ts';
import { resourcePolicies, tableKeys, tables, tableTags } from '../tables.ts';
import { checkTags } from '../tags/tags.ts';
import { enableStream } from '../streams/stream.ts';
import { checkDefinition, viewOf } from './definition.ts';
import { describe } from './description.ts';
import { newTableKey, wantedKey } from './encryption.ts';
import { knownTable } from './known.ts';
import { newWarm } from './warm-throughput.ts';
import { tableArn } from './table.ts';
import { beginTransition } from './transition.ts';
import { newVectorIndex } from '../vectors/vector-index.ts';
import type { KeyAttribute, KeySchema, OnDemandLimits, TableIndex, TableRecord, Throughput } from './table.ts';

const spaceAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Names a stretch of storage: a table's items or an index's entries. */
export const newSpace = (random: Random): string => random.text(12, spaceAlphabet);

export const CreateTable: Operation<'CreateTable'> = async (request, input) => {
  checkDefinition(input);
  refuseUnbuilt(input);
  const tags = checkTags(input.Tags);
  const { ResourcePolicy: policy } = input;
  if (policy !== undefined) checkPolicy(policy);
  const keyId = wantedKey(input.SSESpecification);
  const plain = newTable(request, input);
  const known = keyId === undefined ? undefined : await knownTable(request, plain);
  if (known) throw tableExists(plain.name);
  const encryption = keyId === undefined ? undefined : await newTableKey(request, plain, keyId);
  const table: TableRecord = { ...plain, creating: request.now, ...(encryption && { sse: encryption.sse }) };
  const streamSpace = newSpace(request.random);
  const made = await request.store.write(async (tx) => {
    const { account, region, name } = table;
    if (await tables.get(tx, account, region, name)) throw tableExists(name);
    const view = viewOf(input.StreamSpecification);
    const withStream = view ? await enableStream(tx, table, view, streamSpace, request.now) : table;
    await tables.put(tx, withStream);
    await beginTransition(tx, withStream, request.now);
    if (encryption) await tableKeys.put(tx, encryption.row);
    if (policy !== undefined) await resourcePolicies.put(tx, { arn: tableArn(table), revision: String(request.now), text: policy });
    if (tags.length > 0) await tableTags.put(tx, { account, region, name, tags });
    return withStream;
  });
  return { TableDescription: describe(made, 'CREATING') };
};

function refuseUnbuilt(input: Input<'CreateTable'>): void {
  if (input.GlobalTableSourceArn !== undefined) throw notImplemented('dynamodb:CreateTable with GlobalTableSourceArn');
}

/** The record of a table that is defined so; the definition has been checked. */
export function newTable(request: ServiceRequest, input: Input<'CreateTable'>): TableRecord {
  const attributes = input.AttributeDefinitions!.map(({ AttributeName: name, AttributeType: type }): KeyAttribute => ({
    name: name!,
    type: type! as KeyAttribute['type'],
  }));
  const billing = input.BillingMode ?? 'PROVISIONED';
  const index = (definition: LocalSecondaryIndex | GlobalSecondaryIndex, kind: TableIndex['kind']): TableIndex =>
    newIndex(request, billing, definition, kind, attributes, newSpace(request.random));
  const throughput = throughputOf(input.ProvisionedThroughput);
  const warm = newWarm(request, billing, { throughput }, input.WarmThroughput);
  return {
    account: request.account,
    region: request.region,
    name: input.TableName!,
    id: request.random.uuid(),
    space: newSpace(request.random),
    created: request.now,
    attributes,
    keys: keysOf(input.KeySchema!, attributes),
    billing,
    ...(billing === 'PAY_PER_REQUEST' && { billingTold: true, payPerRequestSince: request.now }),
    throughput,
    ...(warm && { warm }),
    ...(input.OnDemandThroughput && { onDemand: input.OnDemandThroughput as NonNullable<TableRecord['onDemand']> }),
    indexes: [
      ...(input.LocalSecondaryIndexes ?? []).map((one) => index(one, 'local')),
      ...(input.GlobalSecondaryIndexes ?? []).map((one) => index(one, 'global')),
    ],
    ...(input.VectorIndexes && {
      vectors: input.VectorIndexes.map((one) => newVectorIndex(one, attributes, newSpace(request.random))),
    }),
    deletionProtection: input.DeletionProtectionEnabled ?? false,
    ...(input.TableClass && { tableClass: input.TableClass }),
    items: 0,
    bytes: 0,
  };
}

export function newIndex(
  request: { region: string },
  billing: TableRecord['billing'],
  definition: LocalSecondaryIndex & GlobalSecondaryIndex,
  kind: TableIndex['kind'],
  attributes: readonly KeyAttribute[],
  space: string,
): TableIndex {
  const { ProjectionType, NonKeyAttributes } = definition.Projection!;
  const throughput = throughputOf(definition.ProvisionedThroughput);
  const warm = newWarm(request, billing, { throughput }, definition.WarmThroughput, definition.IndexName);
  return {
    name: definition.IndexName!,
    kind,
    space,
    keys: keysOf(definition.KeySchema!, attributes),
    projection: { type: ProjectionType!, ...(NonKeyAttributes && { nonKey: NonKeyAttributes }) },
    ...(kind === 'global' && { throughput }),
    ...(definition.OnDemandThroughput && { onDemand: definition.OnDemandThroughput as OnDemandLimits }),
    ...(warm && { warm }),
  };
}

function keysOf(schema: readonly KeySchemaElement[], attributes: readonly KeyAttribute[]): KeySchema {
  return schema.map(({ AttributeName: name, KeyType: role }, at) => {
    const { type } = attributes.find((attribute) => attribute.name === name)!;
    return { name: name!, type, ...(at > 0 && role === 'HASH' && { hash: true as const }) };
  });
}

export function throughputOf(
  given: { ReadCapacityUnits?: number | undefined; WriteCapacityUnits?: number | undefined } | undefined,
): Throughput {
  return { read: given?.ReadCapacityUnits ?? 0, write: given?.WriteCapacityUnits ?? 0, decreases: 0 };
}
