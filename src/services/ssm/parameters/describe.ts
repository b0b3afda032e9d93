/** DescribeParameters: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { validationException } from '../errors.ts';
import { describedPerPageMax, rowsPerPageMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { parameters, type Parameter } from '../tables.ts';
import { matcherOf, type Filter } from './filters.ts';
import { pageLimit, readToken, tokenOf } from './lookup.ts';
import { parameterArn } from './names.ts';
import { shownPolicies } from './policies.ts';

const keys = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType', 'tag:'];

export const DescribeParameters: Operation<'DescribeParameters'> = async (request, input) => {
  if (input.Shared) throw notImplemented('ssm:DescribeParameters with Shared');
  const matches = matcherOf(filtersOf(input), keys);
  const limit = pageLimit(input.MaxResults, describedPerPageMax);
  const after = readToken(input.NextToken);
  const { account, region } = request;
  const scanned = await request.store.read((tx) =>
    parameters.scan(tx, [account, region], { limit: rowsPerPageMax, ...(after && { after }) }),
  );
  const Parameters = [];
  for (const [at, { row, cursor }] of scanned.entries()) {
    if (matches(row)) Parameters.push(metadataOf(row));
    const isLast = at === scanned.length - 1;
    if (isLast ? scanned.length === rowsPerPageMax : Parameters.length === limit) return { Parameters, NextToken: tokenOf(cursor) };
  }
  return { Parameters };
};

/** The older kind of filter knows names by their beginning. */
function filtersOf({ Filters: old = [], ParameterFilters: given = [] }: Input<'DescribeParameters'>): Filter[] {
  if (old.length > 0 && given.length > 0) throw validationException('You can use either Filters or ParameterFilters in a single request.');
  if (given.length > 0) return given as Filter[];
  return old.map(({ Key = '', Values = [] }) => ({ Key, Option: Key === 'Name' ? 'BeginsWith' : 'Equals', Values: Values as string[] }));
}

function metadataOf(row: Parameter) {
  return {
    ...{ Name: row.name, ARN: parameterArn(row, row.name), Type: row.type, Version: row.version, Tier: row.tier },
    ...{ DataType: row.dataType, KeyId: row.keyId, Description: row.description, AllowedPattern: row.allowedPattern },
    ...{ LastModifiedDate: new Date(row.modified), LastModifiedUser: row.modifiedBy, Policies: shownPolicies(row.policies) },
  };
}
