/** UpdateTable: billing mode, throughput, indexes added and taken away, protection. */

import type { GlobalSecondaryIndexUpdate, ProvisionedThroughput } from '@aws-sdk/client-dynamodb';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { checkEnum, checkName, type Faults } from '../constraints.ts';
import { invalidParameters, limitExceeded, resourceInUse, resourceNotFound, validationException } from '../errors.ts';
import { globalIndexesMax, throughputUnitsMax } from '../limits.ts';
import { isMember, isSharing } from '../global-tables/global-table.ts';
import { refuseUnbuiltReplicas, replicaUpdatesForm, updateReplicas } from '../global-tables/replica-updates.ts';
import { groupsOf, synchronise } from '../global-tables/settings.ts';
import type { Input, Operation } from '../sdk.ts';
import { clearances, tableKeys, tables, type TableKey } from '../tables.ts';
import { addAttributes, forgetUnusedAttributes } from './attributes.ts';
import { newIndex, newSpace } from './create.ts';
import {
  checkOnDemandLimits,
  checkBounds,
  checkGlobalIndex,
  checkIndex,
  checkNameFault,
  checkStreamView,
  checkThroughput,
  checkAttributes,
  viewOf,
} from './definition.ts';
import { disableStream, enableStream } from '../streams/stream.ts';
import { describe } from './description.ts';
import { dynamodbPrincipal, newTableKey, retireGrant, rewrap, wantedKey, type Wanted } from './encryption.ts';
import { placeOf, requireNamedTable, type TablePlace } from './lookup.ts';
import { beginTransition, refuseCreating } from './transition.ts';
import { changeWarm } from './warm-throughput.ts';
import { changeVectors, refuseVectors, vectorUpdatesForm } from '../vectors/updates.ts';
import { allIndexes, globalIndexes, type OnDemandLimits, type TableRecord, type Throughput } from './table.ts';

type Change = Input<'UpdateTable'>;

export const UpdateTable: Operation<'UpdateTable'> = async (request, input) => {
  refuseUnbuiltReplicas(input);
  checkTogether(input);
  const place = placeOf(request, input.TableName!);
  const spaces = (input.GlobalSecondaryIndexUpdates ?? []).map(() => newSpace(request.random));
  const [streamSpace, vectorSpace] = [newSpace(request.random), newSpace(request.random)];
  const means = { seed: request.random.uuid(), now: request.now, peers: request.host.peers.regions };
  const encryption = await changedEncryption(request, place, input);
  const table = await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, place);
    refuseCreating(table, request.now);
    delete table.creating;
    const before = structuredClone(table);
    if (encryption) await encrypt(tx, table, encryption);
    refuseSealedReplicas(table, input);
    changeBilling(table, input, request.now);
    changeWarm(request, table, before, input);
    changeSettings(table, input, request.now);
    await changeIndexes(tx, request, table, input, spaces);
    await changeVectors(tx, request, table, input, vectorSpace);
    const changed = await changeStream(tx, table, input, streamSpace, request.now);
    const replicated = await updateReplicas(tx, changed, input, means);
    const updating = changesThroughput(input) ? { ...replicated, updating: request.now } : replicated;
    await tables.put(tx, updating);
    if (changesThroughput(input)) await beginTransition(tx, updating, request.now);
    if (isSharing(updating)) await synchronise(tx, updating, groupsOf(input), means);
    return shownWhileUpdating(updating, before);
  });
  if (encryption?.former?.grant) await retireGrant(request.awsAs(dynamodbPrincipal(encryption.former)), encryption.former.grant);
  return { TableDescription: describe(table, 'UPDATING') };
};

type Encryption = Wanted & {
  /** What the table had when this was decided. */
  before: TableRecord['sse'];
  /** The row that is replaced: its grant is of no more use. */
  former?: TableKey | undefined;
};

/** Undefined when nothing is to change. Throws what KMS refuses, as DynamoDB words it. */
async function changedEncryption(request: ServiceRequest, place: TablePlace, input: Change): Promise<Encryption | undefined> {
  if (!input.SSESpecification) return undefined;
  const keyId = wantedKey(input.SSESpecification);
  const table = await request.store.read((tx) => requireNamedTable(tx, place));
  if (isMember(table) && keyId !== undefined) throw notImplemented('dynamodb:UpdateTable with SSESpecification of a global table');
  if (table.sse) {
    if (keyId === undefined && table.sse.keyArn === undefined) return undefined;
    const { sse } = table;
    const former = await request.store.read((tx) => tableKeys.get(tx, sse.dataKey));
    return { ...(await rewrap(request, { ...table, sse }, keyId)), before: sse, former };
  }
  if (keyId === undefined) return undefined;
  const { sse, row } = await newTableKey(request, place, keyId);
  return { sse: { ...sse, sealing: true }, row, before: undefined };
}

async function encrypt(tx: WriteTransaction, table: TableRecord, { sse, row, before }: Encryption): Promise<void> {
  if (table.sse?.blob !== before?.blob)
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being updated: ${table.name}`);
  table.sse = { ...sse, ...(before?.sealing && { sealing: true }) };
  await tableKeys.put(tx, row);
}

/** A replica would need a key of its own region. */
function refuseSealedReplicas({ sse }: TableRecord, input: Change): void {
  if (sse && input.ReplicaUpdates?.some(({ Create: create }) => create))
    throw notImplemented('dynamodb:UpdateTable with ReplicaUpdates of a table with a KMS key');
}

export function updateTableForm(faults: Faults, input: Change): void {
  checkNameFault(faults, input.TableName!);
  checkThroughput(faults, 'provisionedThroughput', input.ProvisionedThroughput);
  checkStreamView(faults, input.StreamSpecification);
  checkEnum(faults, 'billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST']);
  checkEnum(faults, 'multiRegionConsistency', input.MultiRegionConsistency, ['EVENTUAL', 'STRONG']);
  replicaUpdatesForm(faults, input.ReplicaUpdates);
  checkEnum(faults, 'tableClass', input.TableClass, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
  checkAttributes(faults, input.AttributeDefinitions);
  for (const [at, { Update: update, Create: create, Delete: remove }] of (input.GlobalSecondaryIndexUpdates ?? []).entries()) {
    const path = `globalSecondaryIndexUpdates.${at + 1}.member`;
    checkName(faults, `${path}.update.indexName`, update?.IndexName);
    checkThroughput(faults, `${path}.update.provisionedThroughput`, update?.ProvisionedThroughput);
    if (create) checkIndex(faults, `${path}.create`, create, 'global');
    checkName(faults, `${path}.delete.indexName`, remove?.IndexName);
  }
  vectorUpdatesForm(faults, input.VectorIndexUpdates);
}

function checkTogether(input: Change): void {
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  const says = [
    input.ProvisionedThroughput,
    input.BillingMode,
    input.DeletionProtectionEnabled,
    input.TableClass,
    input.OnDemandThroughput,
    input.WarmThroughput,
    input.StreamSpecification,
    input.ReplicaUpdates,
    input.SSESpecification,
    input.VectorIndexUpdates,
  ];
  if (says.every((one) => one === undefined) && updates.length === 0)
    throw validationException(
      'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required',
    );
  if (input.BillingMode === 'PROVISIONED' && !input.ProvisionedThroughput)
    throw invalidParameters('ProvisionedThroughput must be specified when BillingMode is PROVISIONED');
  if (input.ProvisionedThroughput) checkBounds(input.ProvisionedThroughput);
  const names = new Set<string>();
  for (const { Update: update, Create: create, Delete: remove } of updates) {
    if (!update && !create && !remove)
      throw invalidParameters(
        'One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null',
      );
    if ([update, create, remove].filter((one) => one !== undefined).length > 1)
      throw invalidParameters(
        'Only one of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete may be given',
      );
    const name = (update ?? create ?? remove)!.IndexName!;
    if (names.has(name))
      throw invalidParameters(`Only one global secondary index update per index is allowed simultaneously. Index: ${name}`);
    names.add(name);
  }
}

function changeBilling(table: TableRecord, input: Change, now: number): void {
  const billing = input.BillingMode ?? table.billing;
  if (input.ProvisionedThroughput && billing === 'PAY_PER_REQUEST')
    throw invalidParameters('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST');
  const fromOnDemand = table.billing === 'PAY_PER_REQUEST' && billing === 'PROVISIONED';
  if (billing === 'PAY_PER_REQUEST' && table.billing === 'PROVISIONED') {
    table.payPerRequestSince = now;
    table.throughput = { read: 0, write: 0, decreases: table.throughput.decreases };
    for (const index of globalIndexes(table)) index.throughput = { read: 0, write: 0, decreases: 0 };
  }
  if (billing === 'PROVISIONED') refuseVectors(table);
  if (input.BillingMode) table.billingTold = true;
  table.billing = billing;
  if (input.ProvisionedThroughput) changeThroughput(table.throughput, input.ProvisionedThroughput, now, !fromOnDemand);
  const updates = (input.GlobalSecondaryIndexUpdates ?? []).flatMap(({ Update: update }) => (update ? [update] : []));
  if (fromOnDemand) {
    const left = globalIndexes(table).filter(({ name }) => !updates.some((update) => update.IndexName === name));
    if (left.length > 0)
      throw invalidParameters(`ProvisionedThroughput must be specified for index: ${left.map(({ name }) => name).join(',')}`);
  }
  for (const { IndexName, ProvisionedThroughput: asked, OnDemandThroughput: limits } of updates) {
    const index = globalIndexes(table).find(({ name }) => name === IndexName);
    if (!index) throw noIndexToUpdate(asked);
    checkOnDemandLimits(billing, limits);
    if (limits) index.onDemand = { ...index.onDemand, ...(limits as OnDemandLimits) };
    if (asked) checkBounds(asked);
    if (asked) changeThroughput((index.throughput ??= { read: 0, write: 0, decreases: 0 }), asked, now, !fromOnDemand);
  }
}

function noIndexToUpdate(asked: ProvisionedThroughput | undefined): Error {
  const units = Math.max(asked?.ReadCapacityUnits ?? 0, asked?.WriteCapacityUnits ?? 0);
  if (units <= throughputUnitsMax) return resourceNotFound();
  return validationException(
    'This operation cannot be performed with given input values. Please contact DynamoDB service team for more info: Action Blocked: IndexUpdate',
  );
}

function changeThroughput(present: Throughput, asked: ProvisionedThroughput, now: number, mustDiffer: boolean): void {
  const [read, write] = [asked.ReadCapacityUnits!, asked.WriteCapacityUnits!];
  if (mustDiffer && read === present.read && write === present.write)
    throw validationException(
      'The provisioned throughput for the table will not change. The requested value equals the current value. ' +
        `Current ReadCapacityUnits provisioned for the table: ${present.read}. Requested ReadCapacityUnits: ${read}. ` +
        `Current WriteCapacityUnits provisioned for the table: ${present.write}. Requested WriteCapacityUnits: ${write}. ` +
        'Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
    );
  if (read > present.read || write > present.write) present.increased = now;
  if (read < present.read || write < present.write) {
    present.decreased = now;
    present.decreases++;
  }
  present.read = read;
  present.write = write;
}

const changesThroughput = ({ ProvisionedThroughput, GlobalSecondaryIndexUpdates }: Change): boolean =>
  ProvisionedThroughput !== undefined || (GlobalSecondaryIndexUpdates ?? []).some(({ Update: update }) => update?.ProvisionedThroughput);

/** What UpdateTable answers: throughput as it was, and when it began to change. */
function shownWhileUpdating(table: TableRecord, before: TableRecord): TableRecord {
  if (table.updating === undefined || table.billing !== before.billing) return table;
  const shown = ({ increased, decreased }: Throughput, { read, write, decreases }: Throughput): Throughput => ({
    ...{ read, write, decreases },
    ...(increased !== undefined && { increased }),
    ...(decreased !== undefined && { decreased }),
  });
  const indexes = table.indexes.map((index) => {
    const was = before.indexes.find(({ space }) => space === index.space)?.throughput;
    return index.throughput && was ? { ...index, throughput: shown(index.throughput, was) } : index;
  });
  return { ...table, throughput: shown(table.throughput, before.throughput), indexes };
}

function changeSettings(table: TableRecord, input: Change, now: number): void {
  if (input.DeletionProtectionEnabled !== undefined) table.deletionProtection = input.DeletionProtectionEnabled;
  if (input.OnDemandThroughput) table.onDemand = { ...table.onDemand, ...(input.OnDemandThroughput as object) };
  if (input.TableClass && input.TableClass !== table.tableClass) {
    table.tableClass = input.TableClass;
    table.tableClassChanged = now;
  }
}

async function changeStream(tx: WriteTransaction, table: TableRecord, input: Change, space: string, now: number): Promise<TableRecord> {
  if (!input.StreamSpecification) return table;
  const view = viewOf(input.StreamSpecification);
  const isEnabled = table.stream !== undefined && !table.stream.disabled;
  if (view) {
    if (isEnabled) throw validationException(`Table already has an enabled stream: TableName: ${table.name}`);
    return enableStream(tx, table, view, space, now);
  }
  if (isMember(table)) throw invalidParameters('Disabling Stream is not allowed for a Global Table replica.');
  if (!isEnabled) throw validationException(`Table has no stream to disable: TableName: ${table.name}`);
  return disableStream(tx, table, now);
}

async function changeIndexes(
  tx: WriteTransaction,
  request: ServiceRequest,
  table: TableRecord,
  input: Change,
  spaces: readonly string[],
): Promise<void> {
  const { account, region } = request;
  const updates = input.GlobalSecondaryIndexUpdates ?? [];
  if (updates.filter(({ Create: create, Delete: remove }) => create ?? remove).length > 1)
    throw limitExceeded('Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table');
  for (const [at, update] of updates.entries()) {
    if (update.Create) addIndex(request, table, input, update.Create, spaces[at]!);
    if (!update.Delete) continue;
    const index = globalIndexes(table).find(({ name }) => name === update.Delete!.IndexName);
    if (!index) throw resourceNotFound('Requested resource not found');
    table.indexes = table.indexes.filter((one) => one !== index);
    await clearances.put(tx, { account, region, space: index.space });
  }
  forgetUnusedAttributes(table);
}

/** The new index is filled by a reconciler, and cannot be read before. */
function addIndex(
  request: ServiceRequest,
  table: TableRecord,
  input: Change,
  definition: NonNullable<GlobalSecondaryIndexUpdate['Create']>,
  space: string,
): void {
  if (table.indexes.some(({ status }) => status === 'CREATING'))
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being updated: ${table.name}`);
  addAttributes(table, input.AttributeDefinitions ?? []);
  // The keys are to be defined anew, also those that the table knows.
  const defined = (input.AttributeDefinitions ?? []).map(({ AttributeName }) => AttributeName!);
  checkGlobalIndex(definition, defined, table.billing);
  if (allIndexes(table).some(({ name }) => name === definition.IndexName))
    throw validationException('Attempting to create an index which already exists');
  if (globalIndexes(table).length >= globalIndexesMax)
    throw limitExceeded(`GlobalSecondaryIndex count exceeds the per-table limit of ${globalIndexesMax}`);
  table.indexes.push({ ...newIndex(request, table.billing, definition, 'global', table.attributes, space), status: 'CREATING' });
}
