/** Cost Explorer: its contents page. What is not listed here answers NotImplemented. */

import type { Authorizer } from '../../framework/authorization.ts';
import { savingsPlans } from '../../framework/billing/savings-plans.ts';
import { billingSettings } from '../../framework/billing/settings.ts';
import { defineService, type ServiceDefinition } from '../../framework/service.ts';
import { GetCostAndUsage, GetCostAndUsageWithResources } from './costs/operations.ts';
import { GetCostForecast, GetUsageForecast } from './forecasts/operations.ts';
import { GetSavingsPlansCoverage, GetSavingsPlansUtilization } from './savings-plans/operations.ts';
import type { CostExplorer } from './sdk.ts';
import { GetDimensionValues, GetTags } from './values/operations.ts';

/** Cost Explorer has no resources of these; a denial names the operation in their place. It is one service for all regions. */
const asked =
  (operation: string): Authorizer<unknown> =>
  ({ account }) => [{ action: `ce:${operation}`, resource: `arn:aws:ce:us-east-1:${account}:/${operation}` }];

export const service: ServiceDefinition<CostExplorer> = defineService<CostExplorer>({
  name: 'cost-explorer',
  tables: [billingSettings, savingsPlans],
  operations: {
    ...{ GetCostAndUsage, GetCostAndUsageWithResources, GetCostForecast, GetUsageForecast },
    ...{ GetDimensionValues, GetTags },
    ...{ GetSavingsPlansUtilization, GetSavingsPlansCoverage },
  },
  authorize: {
    GetCostAndUsage: asked('GetCostAndUsage'),
    GetCostAndUsageWithResources: asked('GetCostAndUsageWithResources'),
    GetCostForecast: asked('GetCostForecast'),
    GetUsageForecast: asked('GetUsageForecast'),
    GetDimensionValues: asked('GetDimensionValues'),
    GetTags: asked('GetTags'),
    GetSavingsPlansUtilization: asked('GetSavingsPlansUtilization'),
    GetSavingsPlansCoverage: asked('GetSavingsPlansCoverage'),
  },
});
