/** How savings plans are used, through the SDK: without any, unused, and day by day. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ce from '@aws-sdk/client-cost-explorer';
import { CreateSavingsPlanCommand, DescribeSavingsPlansOfferingsCommand, SavingsplansClient } from '@aws-sdk/client-savingsplans';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const hour = 3_600_000;
const day = (moment: number): string => new Date(moment).toISOString().slice(0, 10);

test('a plan that nothing uses is used at no part, and covers nothing', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const explorer = cloud.client(Ce.CostExplorerClient);
  const plans = cloud.client(SavingsplansClient);
  const now = (): number => cloud.cloud.clock.now();
  // From the first of a month on: the days are whole, and none of them is further away than Cost Explorer looks.
  const today = new Date(now());
  await cloud.advance(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1) - now());
  const TimePeriod = { Start: day(now()), End: day(now() + 48 * hour) };
  await refused(explorer.send(new Ce.GetSavingsPlansUtilizationCommand({ TimePeriod })), 'DataUnavailableException');
  const asked = { planTypes: ['Compute' as const], paymentOptions: ['All Upfront' as const], maxResults: 1 };
  const { searchResults } = await plans.send(new DescribeSavingsPlansOfferingsCommand(asked));
  const savingsPlanOfferingId = searchResults![0]!.offeringId!;
  await plans.send(new CreateSavingsPlanCommand({ savingsPlanOfferingId, commitment: '0.5' }));
  await cloud.advance(30 * hour);
  const asDays = new Ce.GetSavingsPlansUtilizationCommand({ TimePeriod, Granularity: 'DAILY' });
  const { Total, SavingsPlansUtilizationsByTime: days } = await explorer.send(asDays);
  assert.deepEqual(Total!.Utilization, { TotalCommitment: '15', UsedCommitment: '0', UnusedCommitment: '15', UtilizationPercentage: '0' });
  assert.deepEqual(
    days!.map(({ Utilization }) => Utilization!.TotalCommitment),
    ['12', '3'],
  );
  assert.deepEqual([Total!.Savings!.NetSavings, Total!.AmortizedCommitment!.AmortizedUpfrontCommitment], ['-15', '15']);
  const { SavingsPlansCoverages } = await explorer.send(new Ce.GetSavingsPlansCoverageCommand({ TimePeriod, Granularity: 'DAILY' }));
  assert.deepEqual(
    SavingsPlansCoverages!.map(({ Coverage }) => Coverage!.TotalCost),
    ['0', '0'],
  );
  await refused(explorer.send(new Ce.GetSavingsPlansCoverageCommand({ TimePeriod, GroupBy: [{ Key: 'REGION' }] })), 'NotImplemented');
});
