/** What a transaction is to do, admitted and compiled, and how its failure is told. */

import type { CancellationReason, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkTableName, refuseFaults, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { checkParameters } from '../expressions/parameters.ts';
import type { Change } from '../items/write.ts';
import { placeOf, type TablePlace } from '../tables/lookup.ts';
import { admitItem } from '../values/admit.ts';

export type Action = { place: TablePlace; change: Change };

/** One action, as TransactWriteItems gives it. Throws ValidationException. */
export function admitAction(request: ServiceRequest, given: TransactWriteItem): Action {
  const { ConditionCheck: check, Put: put, Delete: remove, Update: update } = given;
  const kinds = [check, put, remove, update].filter((one) => one !== undefined);
  if (kinds.length !== 1) throw validationException('TransactItems can only contain one of Check, Put, Update or Delete');
  const one = kinds[0]!;
  const faults: Faults = [];
  checkTableName(faults, 'transactItems.1.member.tableName', one.TableName!);
  refuseFaults(faults);
  checkParameters(one, update ? ['UpdateExpression', 'ConditionExpression'] : ['ConditionExpression'], []);
  const compiled = compileExpressions(one as object);
  const common = { condition: compiled.condition, tellItem: one.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
  const place = placeOf(request, one.TableName!);
  if (put) {
    const item = admitItem(put.Item!);
    return { place, change: { kind: 'put', key: item, item, ...common } };
  }
  const key = admitItem((check ?? remove ?? update)!.Key!);
  if (update) return { place, change: { kind: 'update', key, update: compiled.update, ...common } };
  return { place, change: { kind: check ? 'check' : 'delete', key, ...common } };
}

/** Why one action failed, or undefined for an error that fails the whole call. */
export function reasonOf(error: unknown): CancellationReason | undefined {
  if (!(error instanceof AwsError)) return undefined;
  if (error.code === 'ConditionalCheckFailedException') {
    const { Item } = error.fields as Pick<CancellationReason, 'Item'>;
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(Item && { Item }) };
  }
  if (error.code === 'ProvisionedThroughputExceededException') return { Code: 'ProvisionedThroughputExceeded', Message: error.message };
  if (error.code === 'ThrottlingException') return { Code: 'ThrottlingError', Message: error.message };
  if (error.code === 'DuplicateItemException') return { Code: 'DuplicateItem', Message: error.message };
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
  return undefined;
}

export function cancelled(reasons: readonly (CancellationReason | undefined)[]): AwsError {
  const listed = reasons.map((reason) => reason ?? { Code: 'None' });
  const codes = listed.map((reason) => reason.Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: listed } },
  );
}
