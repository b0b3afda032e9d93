/** The rules for keys, indexes and throughput of a new table, in AWS's words and order. */

import type {
  AttributeDefinition,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  OnDemandThroughput,
  ProvisionedThroughput,
  StreamSpecification,
  StreamViewType,
} from '@aws-sdk/client-dynamodb';
import { addFault, checkEnum, checkLength, checkName, checkRange, type Faults } from '../constraints.ts';
import { invalidParameters, validationException } from '../errors.ts';
import {
  globalIndexesMax,
  keyAttributesMax,
  keyNameLengthMax,
  localIndexesMax,
  projectedAttributesMax,
  throughputUnitsMax,
} from '../limits.ts';
import type { Input } from '../sdk.ts';
import { checkVectorIndexes, checkVectorIndexForm } from '../vectors/vector-index.ts';
import { checkProjection, projectionTypes } from './projection.ts';
import type { TableRecord } from './table.ts';

export const keyTypes = ['B', 'N', 'S'];

type Definition = Input<'CreateTable'>;
/** What an index definition says, be it local or global, new or with its table. */
export type IndexDefinition = LocalSecondaryIndex & GlobalSecondaryIndex;

export function checkThroughput(faults: Faults, path: string, throughput: ProvisionedThroughput | undefined): void {
  if (!throughput) return;
  checkRange(faults, `${path}.writeCapacityUnits`, throughput.WriteCapacityUnits, 1);
  checkRange(faults, `${path}.readCapacityUnits`, throughput.ReadCapacityUnits, 1);
}

export function checkKeySchema(faults: Faults, path: string, keys: readonly KeySchemaElement[] | undefined, most = 2): void {
  if (!keys) return;
  checkLength(faults, path, keys, 1, most);
  for (const [at, key] of keys.entries()) {
    checkLength(faults, `${path}.${at + 1}.member.attributeName`, key.AttributeName, 1, keyNameLengthMax);
    checkEnum(faults, `${path}.${at + 1}.member.keyType`, key.KeyType, ['HASH', 'RANGE']);
  }
}

export function checkIndex(faults: Faults, path: string, index: IndexDefinition, kind: 'local' | 'global'): void {
  checkName(faults, `${path}.indexName`, index.IndexName);
  checkKeySchema(faults, `${path}.keySchema`, index.KeySchema, kind === 'global' ? 2 * keyAttributesMax : 2);
  const { ProjectionType, NonKeyAttributes } = index.Projection ?? {};
  checkEnum(faults, `${path}.projection.projectionType`, ProjectionType, projectionTypes);
  checkLength(faults, `${path}.projection.nonKeyAttributes`, NonKeyAttributes, 1, 20);
  for (const [at, name] of (NonKeyAttributes ?? []).entries())
    checkLength(faults, `${path}.projection.nonKeyAttributes.${at + 1}.member`, name, 1, keyNameLengthMax);
  checkThroughput(faults, `${path}.provisionedThroughput`, index.ProvisionedThroughput);
}

export function checkAttributes(faults: Faults, attributes: readonly AttributeDefinition[] = []): void {
  for (const [at, { AttributeName, AttributeType }] of attributes.entries()) {
    checkLength(faults, `attributeDefinitions.${at + 1}.member.attributeName`, AttributeName, 1, keyNameLengthMax);
    checkEnum(faults, `attributeDefinitions.${at + 1}.member.attributeType`, AttributeType, keyTypes);
  }
}

export function checkDefinitionForm(faults: Faults, input: Definition): void {
  if (!input.AttributeDefinitions) addFault(faults, 'attributeDefinitions', undefined, 'Member must not be null');
  checkAttributes(faults, input.AttributeDefinitions);
  checkName(faults, 'tableName', input.TableName, 1);
  checkEnum(faults, 'billingMode', input.BillingMode, ['PROVISIONED', 'PAY_PER_REQUEST']);
  checkEnum(faults, 'tableClass', input.TableClass, ['STANDARD', 'STANDARD_INFREQUENT_ACCESS']);
  checkThroughput(faults, 'provisionedThroughput', input.ProvisionedThroughput);
  checkStreamView(faults, input.StreamSpecification);
  // The schema does not require these two, for their absence may be told by other members.
  if (!input.KeySchema) addFault(faults, 'keySchema', undefined, 'Member must not be null');
  checkKeySchema(faults, 'keySchema', input.KeySchema);
  for (const [at, index] of (input.LocalSecondaryIndexes ?? []).entries())
    checkIndex(faults, `localSecondaryIndexes.${at + 1}.member`, index, 'local');
  for (const [at, index] of (input.GlobalSecondaryIndexes ?? []).entries())
    checkIndex(faults, `globalSecondaryIndexes.${at + 1}.member`, index, 'global');
  for (const [at, index] of (input.VectorIndexes ?? []).entries()) checkVectorIndexForm(faults, `vectorIndexes.${at + 1}.member`, index);
}

/** Throws for a name that is absent or of the wrong length, which AWS looks at before all else. */
export function checkTableNameLength(value: string | undefined, member = 'TableName'): void {
  if (value === undefined) throw validationException(`The parameter '${member}' is required but was not present in the request`);
  if (value.startsWith('arn:')) return;
  if (value.length < 3 || value.length > 255)
    throw validationException(`${member} must be at least 3 characters long and at most 255 characters long`);
}

export function checkNameFault(faults: Faults, value: string): void {
  if (!value.startsWith('arn:') && !/^[a-zA-Z0-9_.-]+$/.test(value))
    addFault(faults, 'tableName', value, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
}

/** The view of a stream that is asked for; undefined when none is. Throws when a view stands without a stream, or a stream without a view. */
export function viewOf(given: StreamSpecification | undefined): StreamViewType | undefined {
  if (given?.StreamEnabled && given.StreamViewType === undefined)
    throw invalidParameters('StreamViewType must be specified when StreamEnabled is true');
  if (given && !given.StreamEnabled && given.StreamViewType !== undefined)
    throw invalidParameters('StreamViewType must not be specified when StreamEnabled is false');
  return given?.StreamViewType;
}

export const checkStreamView = (faults: Faults, given: StreamSpecification | undefined): void =>
  checkEnum(faults, 'streamSpecification.streamViewType', given?.StreamViewType, [
    ...['NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES', 'KEYS_ONLY'],
  ]);

export function checkBounds(throughput: ProvisionedThroughput): void {
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = throughput;
  if (read! > throughputUnitsMax) throw validationException(`Given value ${read} for ReadCapacityUnits is out of bounds`);
  if (write! > throughputUnitsMax) throw validationException(`Given value ${write} for WriteCapacityUnits is out of bounds`);
}

/** Throws unless keys, indexes and throughput fit each other. */
export function checkDefinition(input: Definition): void {
  checkBilling(input);
  const defined = input.AttributeDefinitions!.map((attribute) => attribute.AttributeName!);
  const twice = defined.find((name, at) => defined.indexOf(name) !== at);
  if (twice !== undefined) throw invalidParameters(`Duplicate AttributeName in AttributeDefinitions: ${twice}`);
  const keys = input.KeySchema!;
  const indexes = [...(input.LocalSecondaryIndexes ?? []), ...(input.GlobalSecondaryIndexes ?? [])];
  if (keys.length > defined.length) throw validationException('Invalid KeySchema: Some index key attribute have no definition');
  checkKeys(keys, defined);
  if (!input.LocalSecondaryIndexes && !input.GlobalSecondaryIndexes && !input.VectorIndexes && keys.length !== defined.length)
    throw invalidParameters(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  const names = new Set<string>();
  if (input.LocalSecondaryIndexes) checkLocalIndexes(input, defined, names);
  if (input.GlobalSecondaryIndexes) checkGlobalIndexes(input, defined, names);
  if (input.VectorIndexes) {
    if (input.VectorIndexes.length === 0) throw invalidParameters('List of VectorIndexes is empty');
    checkVectorIndexes(input.VectorIndexes, { billing: input.BillingMode, names: [...names], others: [] }, input.AttributeDefinitions!);
  }
  checkAllUsed(input, defined);
  const projected = indexes.reduce((sum, index) => sum + (index.Projection!.NonKeyAttributes?.length ?? 0), 0);
  if (projected > projectedAttributesMax)
    throw invalidParameters(`Number of non-key attributes projected exceeds the limit of ${projectedAttributesMax}`);
}

/** Attributes may be defined only where a key names them. */
function checkAllUsed(input: Definition, defined: readonly string[]): void {
  const indexes = [...(input.LocalSecondaryIndexes ?? []), ...(input.GlobalSecondaryIndexes ?? [])];
  const schemas = (input.VectorIndexes ?? []).flatMap((index) => index.SearchSchema ?? []);
  const keys = [input.KeySchema!, ...indexes.map((index) => index.KeySchema!)].flat();
  const used = new Set([...keys, ...schemas].map((key) => key.AttributeName));
  if (defined.every((name) => used.has(name))) return;
  throw invalidParameters(
    `Some AttributeDefinitions are not used. AttributeDefinitions: [${defined.join(', ')}], keys used: [${[...used].join(', ')}]`,
  );
}

function checkBilling({ BillingMode, ProvisionedThroughput }: Definition): void {
  if (BillingMode === 'PAY_PER_REQUEST') {
    if (ProvisionedThroughput)
      throw invalidParameters('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST');
    return;
  }
  if (!ProvisionedThroughput)
    throw invalidParameters('ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED');
  checkBounds(ProvisionedThroughput);
}

function checkDefined(names: readonly string[], defined: readonly string[]): void {
  if (names.some((name) => !defined.includes(name)))
    throw invalidParameters(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`,
    );
}

function checkNamesDiffer([one, other]: readonly string[]): void {
  if (one === other) throw validationException('Both the Hash Key and the Range Key element in the KeySchema have the same name');
}

function checkKeys(keys: readonly KeySchemaElement[], defined: readonly string[]): void {
  const names = keys.map((key) => key.AttributeName!);
  checkDefined(names, defined);
  checkNamesDiffer(names);
  if (keys[0]!.KeyType !== 'HASH') throw validationException('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (keys[1] && keys[1].KeyType !== 'RANGE')
    throw validationException('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
}

/** Keys of a global index: up to four attributes for the partition, then up to four to sort by. */
function checkGlobalKeys(keys: readonly KeySchemaElement[], defined: readonly string[]): void {
  if (keys.length === 1 || (keys.length === 2 && keys[1]!.KeyType === 'RANGE')) {
    checkKeys(keys, defined);
    return;
  }
  const names = keys.map((key) => key.AttributeName!);
  checkDefined(names, defined);
  if (keys.length === 2) checkNamesDiffer(names);
  if (new Set(names).size < names.length) throw validationException('The KeySchema contains multiple key attributes with the same name');
  if (keys[0]!.KeyType !== 'HASH') throw validationException('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  const roles = keys.map((key) => key.KeyType!);
  if (roles.lastIndexOf('HASH') >= roles.filter((role) => role === 'HASH').length)
    throw invalidParameters('All HASH key attributes must precede RANGE key attributes in the KeySchema');
  for (const role of ['HASH', 'RANGE'] as const)
    if (roles.filter((one) => one === role).length > keyAttributesMax)
      throw invalidParameters(`The KeySchema exceeds the maximum allowed number of ${role} key attributes`);
}

function checkLocalIndexes(input: Definition, defined: readonly string[], names: Set<string>): void {
  const indexes = input.LocalSecondaryIndexes!;
  const hash = input.KeySchema![0]!.AttributeName!;
  if (indexes.length === 0) throw invalidParameters('List of LocalSecondaryIndexes is empty');
  if (input.KeySchema!.length !== 2)
    throw invalidParameters('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex');
  for (const index of indexes) {
    const keys = index.KeySchema!;
    checkKeys(keys, defined);
    if (keys.length !== 2) throw invalidParameters(`Index KeySchema does not have a range key for index: ${index.IndexName}`);
    const indexHash = keys[0]!.AttributeName!;
    if (indexHash !== hash)
      throw invalidParameters(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.IndexName}. index hash key: ${indexHash}, table hash key: ${hash}`,
      );
    checkProjection(index.Projection!);
    addName(names, index.IndexName!);
  }
  if (indexes.length > localIndexesMax)
    throw invalidParameters(`Number of LocalSecondaryIndexes exceeds per-table limit of ${localIndexesMax}`);
}

function checkGlobalIndexes(input: Definition, defined: readonly string[], names: Set<string>): void {
  const indexes = input.GlobalSecondaryIndexes!;
  if (indexes.length === 0) throw invalidParameters('List of GlobalSecondaryIndexes is empty');
  for (const index of indexes) {
    checkGlobalIndex(index, defined, input.BillingMode);
    addName(names, index.IndexName!);
  }
  if (indexes.length > globalIndexesMax)
    throw invalidParameters(`GlobalSecondaryIndex count exceeds the per-table limit of ${globalIndexesMax}`);
}

/** Throws unless a global index, of a new table or added to one, is in order. */
export function checkGlobalIndex(index: GlobalSecondaryIndex, defined: readonly string[], billing: string | undefined): void {
  checkGlobalKeys(index.KeySchema!, defined);
  checkProjection(index.Projection!);
  checkOnDemandLimits(billing === 'PAY_PER_REQUEST' ? billing : 'PROVISIONED', index.OnDemandThroughput);
  const onDemand = billing === 'PAY_PER_REQUEST';
  if (onDemand && index.ProvisionedThroughput)
    throw invalidParameters(
      `ProvisionedThroughput should not be specified for index: ${index.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  if (!onDemand && !index.ProvisionedThroughput)
    throw invalidParameters(`ProvisionedThroughput must be specified for index: ${index.IndexName}`);
}

/** Throws ValidationException for maximums on demand that are none, or of a provisioned table; -1 takes one away. */
export function checkOnDemandLimits(billing: TableRecord['billing'], limits: OnDemandThroughput | undefined): void {
  for (const name of ['MaxReadRequestUnits', 'MaxWriteRequestUnits'] as const) {
    const units = limits?.[name];
    if (units === undefined || units === -1) continue;
    if (billing === 'PROVISIONED')
      throw validationException(`${name} for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED`);
    if (units < 1) throw validationException(`Invalid Request: Requested ${name} for OnDemandThroughput is outside of valid range`);
  }
}

function addName(names: Set<string>, name: string): void {
  if (names.has(name)) throw invalidParameters(`Duplicate index name: ${name}`);
  names.add(name);
}
