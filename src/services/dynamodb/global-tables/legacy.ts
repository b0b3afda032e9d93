/**
 * Operations on global tables of version 2017.11.29, which are not made any more: there are none, and those of the present version are told of
 * by DescribeTable. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables.DetermineVersion.html
 */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Operation } from '../sdk.ts';

async function refuse(_request: unknown, { GlobalTableName: name }: { GlobalTableName: string | undefined }): Promise<never> {
  throw new AwsError('GlobalTableNotFoundException', `Global table not found: Global table with name '${name}' does not exist`);
}

export const ListGlobalTables: Operation<'ListGlobalTables'> = async () => ({ GlobalTables: [] });
export const DescribeGlobalTable: Operation<'DescribeGlobalTable'> = refuse;
export const DescribeGlobalTableSettings: Operation<'DescribeGlobalTableSettings'> = refuse;
export const UpdateGlobalTable: Operation<'UpdateGlobalTable'> = refuse;
export const UpdateGlobalTableSettings: Operation<'UpdateGlobalTableSettings'> = refuse;
