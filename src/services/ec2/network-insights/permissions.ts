/** What the operations of the Reachability Analyzer ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { insightsAnalysisType, insightsPathType } from './insights.ts';

export const networkInsightsPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateNetworkInsightsPath: creating(insightsPathType),
  DeleteNetworkInsightsAnalysis: on((input) => [[insightsAnalysisType, input.NetworkInsightsAnalysisId]]),
  DeleteNetworkInsightsPath: on((input) => [[insightsPathType, input.NetworkInsightsPathId]]),
  DescribeNetworkInsightsAnalyses: anywhere,
  DescribeNetworkInsightsPaths: anywhere,
  StartNetworkInsightsAnalysis: creating(insightsAnalysisType, (input) => [[insightsPathType, input.NetworkInsightsPathId]]),
};
