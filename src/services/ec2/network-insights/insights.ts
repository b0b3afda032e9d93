/** Paths that the Reachability Analyzer is asked about, and what it has found: the records. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import type { Hop } from '../network/reachability.ts';
import { resourceType } from '../resource.ts';

export type InsightsPath = {
  account: string;
  region: string;
  id: string;
  created: number;
  /** An interface, or an instance, which means its first one. */
  source: string;
  destination?: string;
  destinationIp?: string;
  protocol: 'tcp' | 'udp';
  destinationPort?: number;
  tags?: Tag[];
};

export type InsightsAnalysis = {
  account: string;
  region: string;
  id: string;
  created: number;
  path: string;
  found: boolean;
  forward: Hop[];
  back: Hop[];
  tags?: Tag[];
};

export const insightsPaths = table<InsightsPath>('ec2/network-insights-paths', {
  key: (row) => [row.account, row.region, row.id],
});
export const insightsAnalyses = table<InsightsAnalysis, 'path'>('ec2/network-insights-analyses', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { path: (row) => [row.account, row.region, row.path] },
});

export const insightsPathType = resourceType('network-insights-path', 'nip', insightsPaths, [
  'InvalidNetworkInsightsPathId.NotFound',
  'The network insights path ID',
]);
export const insightsAnalysisType = resourceType('network-insights-analysis', 'nia', insightsAnalyses, [
  'InvalidNetworkInsightsAnalysisId.NotFound',
  'The network insights analysis ID',
]);
