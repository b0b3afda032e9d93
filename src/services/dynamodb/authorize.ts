/** What each operation needs to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */

import type {
  Condition,
  KeysAndAttributes,
  ReplicationGroupUpdate,
  TransactGetItem,
  TransactWriteItem,
  WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { arn, parseArn } from '../../framework/arn.ts';
import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { compileExpressions } from './expressions/compile.ts';
import type { ExpressionInput } from './expressions/contract.ts';
import { legacyKeyConditions } from './expressions/legacy-conditions.ts';
import { permissionOf } from './partiql/permissions.ts';
import { readsOf } from './partiql/where.ts';
import { newItem, type AttributeValue, type Item } from './values/attribute-value.ts';
import { requireTableKey } from './tables/encryption.ts';
import { knownTable } from './tables/known.ts';
import { placeOf, type TablePlace } from './tables/lookup.ts';
import { tableArn } from './tables/table.ts';

/** Places of names that are none are refused by the operation itself, so here they only must not fail. */
function safePlace(request: ServiceRequest, tableName: string): TablePlace {
  const foreign = tableName.startsWith('arn:') && parseArn(tableName)?.service !== 'dynamodb';
  return foreign ? { account: request.account, region: request.region, name: tableName } : placeOf(request, tableName);
}

/** Whoever sees or changes items needs the key of their table: KMS is asked in the caller's name. */
const onItemsOnly = /Item$|BulkPutItems$|^Query$|^Scan$|^SearchVectors$|^PartiQL/;

async function checkOf(
  request: ServiceRequest,
  action: string,
  tableName: string,
  context?: ConditionContext,
  index?: string,
): Promise<Check> {
  const place = safePlace(request, tableName);
  const known = await knownTable(request, place);
  const resource = index === undefined ? tableArn(place) : `${tableArn(place)}/index/${index}`;
  return {
    action: `dynamodb:${action}`,
    resource,
    resourceAccount: place.account,
    ...(known?.policy && { resourcePolicy: { name: tableArn(place), document: known.policy } }),
    // Who may not read the table is told so, not what KMS says of its key.
    ...(known?.table.sse && onItemsOnly.test(action) && { afterwards: () => requireTableKey(request, known.table) }),
    ...((context || known?.tags.length) && { context: { ...context, ...tagContext(known?.tags ?? []) } }),
  };
}

function tagContext(tags: readonly { Key: string; Value: string }[]): ConditionContext {
  return Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value]));
}

/** Root users have no policies that could ask for more, unless the table has one: they are spared the work. */
async function asksLittle(request: ServiceRequest, tableName: string): Promise<boolean> {
  if (request.principal.type !== 'Root') return false;
  return (await knownTable(request, safePlace(request, tableName)))?.policy === undefined;
}

const onAll =
  (action: string): Authorizer<unknown> =>
  () => [{ action: `dynamodb:${action}`, resource: '*' }];

const onTable =
  (action: string): Authorizer<{ TableName: string | undefined }> =>
  async (request, input) => [await checkOf(request, action, input.TableName!)];

const onArn =
  (action: string, contextOf: (input: { Tags?: readonly object[]; TagKeys?: readonly string[] }) => ConditionContext = () => ({})) =>
  async (request: ServiceRequest, input: { ResourceArn: string | undefined }): Promise<Check[]> => {
    const arn = input.ResourceArn!;
    const context = contextOf(input as object);
    if (/:table\/[^/]+$/.test(arn)) return [await checkOf(request, action, arn, context)];
    const account = parseArn(arn)?.account;
    return [{ action: `dynamodb:${action}`, resource: arn, resourceAccount: account || request.account, context }];
  };

type UpdateInput = { TableName: string | undefined; ReplicaUpdates?: readonly ReplicationGroupUpdate[] | undefined };

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html */
function replicaChecks({ account, name }: TablePlace, updates: readonly ReplicationGroupUpdate[]): Check[] {
  return updates.flatMap(({ Create: create, Update: update, Delete: remove }) => {
    const actions = create ? ['CreateTableReplica', 'CreateTable'] : update ? ['UpdateTable'] : ['DeleteTableReplica', 'DeleteTable'];
    const region = (create ?? update ?? remove)?.RegionName ?? '*';
    return actions.map((action) => ({
      action: `dynamodb:${action}`,
      resource: tableArn({ account, region, name }),
      resourceAccount: account,
    }));
  });
}

const onGlobal =
  (action: string): Authorizer<{ GlobalTableName: string | undefined }> =>
  ({ account }, input) => [
    {
      action: `dynamodb:${action}`,
      resource: arn('dynamodb', '', account, `global-table/${input.GlobalTableName}`),
      resourceAccount: account,
    },
  ];

type Region = { RegionName?: string | undefined };

/** The global table and its replicas: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gt_IAM.html */
const onGroup =
  <Input>(action: string, regionsOf: (input: Input) => readonly Region[]) =>
  ({ account }: ServiceRequest, input: Input & { GlobalTableName: string | undefined }): Check[] => {
    const name = input.GlobalTableName!;
    const replicas = regionsOf(input).map(({ RegionName = '*' }) => tableArn({ account, region: RegionName, name }));
    return [arn('dynamodb', '', account, `global-table/${name}`), ...replicas].map((resource) => ({
      action: `dynamodb:${action}`,
      resource,
      resourceAccount: account,
    }));
  };

/** On a backup, an export or an import, by its ARN. */
const onNamed =
  <Input>(action: string, arnOf: (input: Input) => string | undefined) =>
  (request: ServiceRequest, input: Input): Check[] => [
    { action: `dynamodb:${action}`, resource: arnOf(input)!, resourceAccount: parseArn(arnOf(input)!)?.account || request.account },
  ];

const onBulk = (action: string) => onNamed(action, (input: { BulkOperationArn: string | undefined }) => input.BulkOperationArn);

const onBackup = (action: string) => onNamed(action, (input: { BackupArn: string | undefined }) => input.BackupArn);

type OnItems = {
  TableName: string | undefined;
  ReturnValues?: string | undefined;
  ReturnConsumedCapacity?: string | undefined;
  Select?: string | undefined;
  IndexName?: string | undefined;
};

/** Calls on items tell policies the partition keys that they name. */
const onItems =
  <Input extends OnItems>(action: string, keysOf: (input: Input) => readonly (Item | undefined)[]): Authorizer<Input> =>
  async (request, input) => {
    if (await asksLittle(request, input.TableName!)) return [await checkOf(request, action, input.TableName!, undefined, input.IndexName)];
    const context = {
      'dynamodb:LeadingKeys': await leadingKeys(request, input.TableName!, keysOf(input)),
      'dynamodb:ReturnValues': input.ReturnValues,
      'dynamodb:ReturnConsumedCapacity': input.ReturnConsumedCapacity,
      'dynamodb:Select': input.Select,
    };
    return [await checkOf(request, action, input.TableName!, context, input.IndexName)];
  };

async function leadingKeys(request: ServiceRequest, tableName: string, keys: readonly (Item | undefined)[]): Promise<string[] | undefined> {
  const place = safePlace(request, tableName);
  const table = (await knownTable(request, place))?.table;
  const name = table?.keys[0]?.name;
  if (name === undefined) return undefined;
  const texts = keys.map((key) => key && Object.hasOwn(key, name) && textOf(key[name]!)).filter((text) => typeof text === 'string');
  return texts.length > 0 ? texts : undefined;
}

const textOf = (value: AttributeValue): string | undefined =>
  value.S ?? value.N ?? (value.B ? Buffer.from(value.B).toString('base64') : undefined);

const noKeys = (): Item[] => [];

type KeyConditionInput = OnItems & ExpressionInput & { KeyConditions?: Record<string, Condition> | undefined };

/** What a query says of key attributes by equality: the partition key is among it. */
function queriedKeys(input: KeyConditionInput): Item[] {
  const legacy = input.KeyConditions && legacyKeyConditions(input.KeyConditions, input.IndexName);
  const conditions = input.KeyConditionExpression === undefined ? legacy : compileExpressions(input).keyConditions;
  const key = newItem();
  for (const [name, { operator, values }] of conditions ?? []) if (operator === 'EQ') key[name] = values[0]!;
  return [key];
}

/** One check for each table of a batch, with the partition keys that it names there. */
function onBatch<Given>(action: string, keysOf: (given: Given) => readonly (Item | undefined)[]) {
  return (request: ServiceRequest, input: { RequestItems: Record<string, Given> | undefined }): Promise<Check[]> =>
    Promise.all(Object.entries(input.RequestItems!).map(([tableName, given]) => itemCheck(request, action, tableName, keysOf(given))));
}

async function itemCheck(request: ServiceRequest, action: string, tableName: string, keys: readonly (Item | undefined)[]): Promise<Check> {
  if (await asksLittle(request, tableName)) return checkOf(request, action, tableName);
  return checkOf(request, action, tableName, { 'dynamodb:LeadingKeys': await leadingKeys(request, tableName, keys) });
}

/** Transactions need for each action what the action alone would need. */
function onTransactWrite(request: ServiceRequest, input: { TransactItems: TransactWriteItem[] | undefined }): Promise<Check[]> {
  return Promise.all(
    input.TransactItems!.flatMap(({ ConditionCheck: check, Put: put, Delete: remove, Update: update }) => [
      ...(check ? [itemCheck(request, 'ConditionCheckItem', check.TableName!, [check.Key])] : []),
      ...(put ? [itemCheck(request, 'PutItem', put.TableName!, [put.Item])] : []),
      ...(remove ? [itemCheck(request, 'DeleteItem', remove.TableName!, [remove.Key])] : []),
      ...(update ? [itemCheck(request, 'UpdateItem', update.TableName!, [update.Key])] : []),
    ]),
  );
}

function onTransactGet(request: ServiceRequest, input: { TransactItems: TransactGetItem[] | undefined }): Promise<Check[]> {
  return Promise.all(input.TransactItems!.map(({ Get: get }) => itemCheck(request, 'GetItem', get!.TableName!, [get!.Key])));
}

const writtenKeys = (requests: readonly WriteRequest[]): (Item | undefined)[] =>
  requests.map(({ PutRequest: put, DeleteRequest: remove }) => put?.Item ?? remove?.Key);

type StatementInput = { Statement: string | undefined; Parameters?: readonly AttributeValue[] | undefined };

const onStatements =
  <Input>(statementsOf: (input: Input) => readonly StatementInput[]): Authorizer<Input> =>
  async (request, input) =>
    (await Promise.all(statementsOf(input).map((statement) => statementCheck(request, statement)))).filter((check) => check !== undefined);

/** A policy may forbid full scans, which show only against the keys of the table. */
async function statementCheck(request: ServiceRequest, { Statement, Parameters }: StatementInput): Promise<Check | undefined> {
  const permission = permissionOf(Statement!, Parameters);
  if (!permission) return undefined;
  const { action, table: tableName, index: indexName, read } = permission;
  if (!read || (await asksLittle(request, tableName))) return checkOf(request, action, tableName, undefined, indexName);
  const place = safePlace(request, tableName);
  const table = (await knownTable(request, place))?.table;
  const keys = indexName === undefined ? table?.keys : table?.indexes.find(({ name }) => name === indexName)?.keys;
  const isScan = keys !== undefined && readsOf(read.where, keys) === undefined;
  return checkOf(request, action, tableName, { 'dynamodb:FullTableScan': String(isScan) }, indexName);
}

export const authorize = {
  CreateTable: async (
    request: ServiceRequest,
    input: { TableName: string | undefined; Tags?: { Key: string | undefined; Value: string | undefined }[] | undefined },
  ) => {
    const tags = tagsOf(input.Tags as { Key?: string; Value?: string }[] | undefined);
    const context = requestTagContext(tags);
    const create = await checkOf(request, 'CreateTable', input.TableName!, context);
    return tags.length === 0 ? [create] : [create, await checkOf(request, 'TagResource', input.TableName!, context)];
  },
  DescribeTable: onTable('DescribeTable'),
  DeleteTable: onTable('DeleteTable'),
  ListTables: ((request) => [
    { action: 'dynamodb:ListTables', resource: arn('dynamodb', request.region, request.account, 'table/*') },
  ]) as Authorizer<unknown>,
  DescribeLimits: onAll('DescribeLimits'),
  DescribeEndpoints: onAll('DescribeEndpoints'),
  TagResource: onArn('TagResource', (input) => requestTagContext(tagsOf(input.Tags as { Key?: string }[]))),
  UntagResource: onArn('UntagResource', (input) => tagKeyContext(input.TagKeys ?? [])),
  ListTagsOfResource: onArn('ListTagsOfResource'),
  PutResourcePolicy: onArn('PutResourcePolicy'),
  GetResourcePolicy: onArn('GetResourcePolicy'),
  DeleteResourcePolicy: onArn('DeleteResourcePolicy'),
  PutItem: onItems<OnItems & { Item: Item | undefined }>('PutItem', (input) => [input.Item]),
  GetItem: onItems<OnItems & { Key: Item | undefined }>('GetItem', (input) => [input.Key]),
  DeleteItem: onItems<OnItems & { Key: Item | undefined }>('DeleteItem', (input) => [input.Key]),
  UpdateItem: onItems<OnItems & { Key: Item | undefined }>('UpdateItem', (input) => [input.Key]),
  Query: onItems<KeyConditionInput>('Query', queriedKeys),
  Scan: onItems('Scan', noKeys),
  SearchVectors: async (request: ServiceRequest, input: { TableName: string | undefined; IndexName: string | undefined }) => [
    await checkOf(request, 'SearchVectors', input.TableName!, undefined, input.IndexName),
  ],
  ExecuteStatement: onStatements((input: StatementInput) => [input]),
  BatchExecuteStatement: onStatements((input: { Statements: readonly StatementInput[] | undefined }) => input.Statements!),
  ExecuteTransaction: onStatements((input: { TransactStatements: readonly StatementInput[] | undefined }) => input.TransactStatements!),
  BatchGetItem: onBatch<KeysAndAttributes>('BatchGetItem', (given) => given.Keys ?? []),
  BatchWriteItem: onBatch<WriteRequest[]>('BatchWriteItem', writtenKeys),
  TransactWriteItems: onTransactWrite,
  TransactGetItems: onTransactGet,
  UpdateTable: async (request: ServiceRequest, input: UpdateInput) => [
    await checkOf(request, 'UpdateTable', input.TableName!),
    ...replicaChecks(safePlace(request, input.TableName!), input.ReplicaUpdates ?? []),
  ],
  DescribeTableReplicaAutoScaling: onTable('DescribeTableReplicaAutoScaling'),
  UpdateTableReplicaAutoScaling: onTable('UpdateTableReplicaAutoScaling'),
  ListGlobalTables: onAll('ListGlobalTables'),
  CreateGlobalTable: onGroup('CreateGlobalTable', (input: { ReplicationGroup: readonly Region[] | undefined }) => input.ReplicationGroup!),
  DescribeGlobalTable: onGlobal('DescribeGlobalTable'),
  DescribeGlobalTableSettings: onGlobal('DescribeGlobalTableSettings'),
  UpdateGlobalTable: onGroup(
    'UpdateGlobalTable',
    (input: { ReplicaUpdates: readonly { Create?: Region; Delete?: Region }[] | undefined }) =>
      input.ReplicaUpdates!.map((one) => one.Create ?? one.Delete ?? {}),
  ),
  UpdateGlobalTableSettings: onGlobal('UpdateGlobalTableSettings'),
  DescribeTimeToLive: onTable('DescribeTimeToLive'),
  UpdateTimeToLive: onTable('UpdateTimeToLive'),
  EnableKinesisStreamingDestination: onTable('EnableKinesisStreamingDestination'),
  DisableKinesisStreamingDestination: onTable('DisableKinesisStreamingDestination'),
  DescribeKinesisStreamingDestination: onTable('DescribeKinesisStreamingDestination'),
  UpdateKinesisStreamingDestination: onTable('UpdateKinesisStreamingDestination'),
  UpdateContributorInsights: onTable('UpdateContributorInsights'),
  DescribeContributorInsights: onTable('DescribeContributorInsights'),
  ListContributorInsights: onAll('ListContributorInsights'),
  DescribeContinuousBackups: onTable('DescribeContinuousBackups'),
  UpdateContinuousBackups: onTable('UpdateContinuousBackups'),
  CreateBackup: onTable('CreateBackup'),
  ListBackups: onAll('ListBackups'),
  DescribeBackup: onBackup('DescribeBackup'),
  DeleteBackup: onBackup('DeleteBackup'),
  ExportTableToPointInTime: async (request: ServiceRequest, input: { TableArn: string | undefined }) => [
    await checkOf(request, 'ExportTableToPointInTime', input.TableArn!),
  ],
  DescribeExport: onNamed('DescribeExport', (input: { ExportArn: string | undefined }) => input.ExportArn),
  ListExports: onAll('ListExports'),
  ImportTable: async (request: ServiceRequest, input: { TableCreationParameters: { TableName: string | undefined } | undefined }) => [
    await checkOf(request, 'ImportTable', input.TableCreationParameters!.TableName!),
  ],
  DescribeImport: onNamed('DescribeImport', (input: { ImportArn: string | undefined }) => input.ImportArn),
  ListImports: onAll('ListImports'),
  StartBulkPutItems: onTable('StartBulkPutItems'),
  DescribeBulkOperation: onBulk('DescribeBulkOperation'),
  CancelBulkOperation: onBulk('CancelBulkOperation'),
  ListBulkOperations: onAll('ListBulkOperations'),
  RestoreTableFromBackup: async (
    request: ServiceRequest,
    input: { BackupArn: string | undefined; TargetTableName: string | undefined },
  ) => [...onBackup('RestoreTableFromBackup')(request, input), await checkOf(request, 'RestoreTableFromBackup', input.TargetTableName!)],
  RestoreTableToPointInTime: async (
    request: ServiceRequest,
    input: { SourceTableName?: string | undefined; SourceTableArn?: string | undefined; TargetTableName: string | undefined },
  ) => [
    await checkOf(request, 'RestoreTableToPointInTime', input.SourceTableArn ?? input.SourceTableName ?? '*'),
    await checkOf(request, 'RestoreTableToPointInTime', input.TargetTableName!),
  ],
};
