/** Contributor insights: a setting that is kept and told. Nothing is counted, so there are no rules to name. */

import type { ContributorInsightsStatus } from '@aws-sdk/client-dynamodb';
import { checkEnum, checkRange, refuseFaults, type Faults } from '../constraints.ts';
import { resourceNotFound, validationException } from '../errors.ts';
import { tablesListedMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { placeOf, requireNamedTable } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { tables } from '../tables.ts';

/** The setting of the table lies under the empty name, those of its indexes under theirs. */
function settingOf({ insights, indexes }: TableRecord, index: string | undefined) {
  if (index !== undefined && !indexes.some(({ name }) => name === index))
    throw resourceNotFound(`Requested resource not found: Index: ${index} not found`);
  return insights?.find((one) => one.index === (index ?? ''));
}

const statusOf = (enabled: boolean | undefined): ContributorInsightsStatus => (enabled ? 'ENABLED' : 'DISABLED');

export const UpdateContributorInsights: Operation<'UpdateContributorInsights'> = async (request, input) => {
  const { ContributorInsightsAction: action, IndexName: index, ContributorInsightsMode: mode } = input;
  const faults: Faults = [];
  checkEnum(faults, 'contributorInsightsAction', action, ['ENABLE', 'DISABLE']);
  checkEnum(faults, 'contributorInsightsMode', mode, ['ACCESSED_AND_THROTTLED_KEYS', 'THROTTLED_KEYS']);
  refuseFaults(faults);
  const enabled = action === 'ENABLE';
  const name = await request.store.write(async (tx) => {
    const table = await requireNamedTable(tx, placeOf(request, input.TableName!));
    const present = settingOf(table, index);
    if (!enabled && !present?.enabled) throw validationException('ContributorInsights is not enabled');
    const others = (table.insights ?? []).filter((one) => one.index !== (index ?? ''));
    const setting = { index: index ?? '', enabled, changed: request.now, ...(mode && { mode }) };
    await tables.put(tx, { ...table, insights: [...others, setting] });
    return table.name;
  });
  return {
    TableName: name,
    ...(index !== undefined && { IndexName: index }),
    ContributorInsightsStatus: enabled ? 'ENABLING' : 'DISABLING',
    ...(mode && { ContributorInsightsMode: mode }),
  };
};

export const DescribeContributorInsights: Operation<'DescribeContributorInsights'> = async (request, input) => {
  const table = await request.store.read((tx) => requireNamedTable(tx, placeOf(request, input.TableName!)));
  const setting = settingOf(table, input.IndexName);
  return {
    TableName: table.name,
    ...(input.IndexName !== undefined && { IndexName: input.IndexName }),
    ...(setting?.enabled && { ContributorInsightsRuleList: [] }),
    ContributorInsightsStatus: statusOf(setting?.enabled),
    ...(setting && { LastUpdateDateTime: new Date(setting.changed) }),
    ...(setting?.mode && { ContributorInsightsMode: setting.mode }),
  };
};

export const ListContributorInsights: Operation<'ListContributorInsights'> = async (request, input) => {
  const faults: Faults = [];
  checkRange(faults, 'maxResults', input.MaxResults, 1, tablesListedMax);
  refuseFaults(faults);
  const { account, region } = request;
  const limit = input.MaxResults ?? tablesListedMax;
  const { rows, more } = await request.store.read(async (tx) => {
    if (input.TableName !== undefined) return { rows: [await requireNamedTable(tx, placeOf(request, input.TableName))], more: false };
    const from = input.NextToken === undefined ? [account, region] : [account, region, `${input.NextToken}\0`];
    const found = await tables.between(tx, from, [account, `${region}\0`], { limit: limit + 1 });
    return { rows: found.slice(0, limit).map(({ row }) => row), more: found.length > limit };
  });
  return {
    ContributorInsightsSummaries: rows.flatMap(({ name, insights = [] }) =>
      insights.map(({ index, enabled, mode }) => ({
        TableName: name,
        ...(index !== '' && { IndexName: index }),
        ContributorInsightsStatus: statusOf(enabled),
        ...(mode && { ContributorInsightsMode: mode }),
      })),
    ),
    ...(more && { NextToken: rows.at(-1)!.name }),
  };
};
