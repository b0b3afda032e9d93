/** The forms of all inputs: what AWS checks before all else, told in one answer together with members that are missing. */

import type { ServiceRequest } from '../../framework/request.ts';
import { batchGetForm } from './batches/batch-get.ts';
import { batchWriteForm } from './batches/batch-write.ts';
import { addFault, checkLength, checkName, checkRange, checkTableName, refuseFaults, type Faults } from './constraints.ts';
import { getForm } from './items/get.ts';
import { writeForm } from './items/request.ts';
import { updateForm } from './items/update.ts';
import { tablesListedMax } from './limits.ts';
import { queryForm } from './queries/query.ts';
import { scanForm } from './queries/scan.ts';
import type { Input } from './sdk.ts';
import { checkTaggedArn } from './tags/tags.ts';
import { checkDefinitionForm, checkNameFault, checkTableNameLength } from './tables/definition.ts';
import { updateTableForm } from './tables/update.ts';
import { transactGetForm } from './transactions/transact-get.ts';
import { transactWriteForm } from './transactions/transact-write.ts';
import { searchForm } from './vectors/search.ts';

type Named = { TableName: string | undefined };
type Form = (faults: Faults, input: never) => void;

const tableName: Form = (faults, input: Named) => checkTableName(faults, 'tableName', input.TableName);
const ownTableName: Form = (faults, input: Named) => checkNameFault(faults, input.TableName!);

const forms: Readonly<Record<string, Form>> = {
  GetItem: getForm,
  PutItem: writeForm,
  DeleteItem: writeForm,
  UpdateItem: updateForm,
  Query: queryForm,
  Scan: scanForm,
  SearchVectors: searchForm,
  BatchGetItem: batchGetForm,
  BatchWriteItem: batchWriteForm,
  TransactGetItems: transactGetForm,
  TransactWriteItems: transactWriteForm,
  CreateTable: checkDefinitionForm,
  UpdateTable: updateTableForm,
  DescribeTable: ownTableName,
  DeleteTable: ownTableName,
  DescribeTimeToLive: ownTableName,
  DescribeContinuousBackups: tableName,
  UpdateTimeToLive: (faults, input: Input<'UpdateTimeToLive'>) => {
    checkTableName(faults, 'tableName', input.TableName);
    checkLength(faults, 'timeToLiveSpecification.attributeName', input.TimeToLiveSpecification?.AttributeName, 1, 255);
  },
  ListTables: (faults, input: Input<'ListTables'>) => {
    checkRange(faults, 'limit', input.Limit, 1, tablesListedMax);
    checkName(faults, 'exclusiveStartTableName', input.ExclusiveStartTableName);
  },
};

/** Calls on tables look at the table's name by itself, before all else. */
const namedFirst: ReadonlySet<string> = new Set(['CreateTable', 'UpdateTable', 'DescribeTable', 'DeleteTable', 'DescribeTimeToLive']);
const onTags: ReadonlySet<string> = new Set(['TagResource', 'UntagResource', 'ListTagsOfResource']);

/** Throws ValidationException for an input whose form is wrong. */
export function checkInput(request: ServiceRequest, input: object, missing: readonly string[]): void {
  const { operation } = request;
  if (namedFirst.has(operation)) checkTableNameLength((input as Named).TableName);
  if (onTags.has(operation)) checkTaggedArn(request, (input as { ResourceArn?: string }).ResourceArn);
  const faults: Faults = [];
  for (const path of missing) addFault(faults, path, undefined, 'Member must not be null');
  forms[operation]?.(faults, input as never);
  refuseFaults(faults);
}
