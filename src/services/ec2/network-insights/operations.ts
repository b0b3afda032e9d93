/** The Reachability Analyzer: asks the pure model of the network and tells hop by hop what a packet meets. */

import type { ReadTransaction } from '../../../store/store.ts';
import { describe } from '../describe.ts';
import { invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { networkInterfaceType, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { parseAddress } from '../../../framework/cidr.ts';
import { canonicalAddress, parseAddress6 } from '../network/cidr6.ts';
import { reach, type Hop } from '../network/reachability.ts';
import { networkRecords } from '../network/records.ts';
import { newId, requireResource, resourceArn, resourcesBy, type Place } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import {
  insightsAnalyses,
  insightsAnalysisType,
  insightsPaths,
  insightsPathType,
  type InsightsAnalysis,
  type InsightsPath,
} from './insights.ts';

function pathOf(row: InsightsPath) {
  return {
    ...{
      NetworkInsightsPathId: row.id,
      NetworkInsightsPathArn: resourceArn(insightsPathType, row, row.id),
    },
    ...{ CreatedDate: new Date(row.created), Source: row.source, Protocol: row.protocol },
    ...(row.destination !== undefined && { Destination: row.destination }),
    ...(row.destinationIp !== undefined && { DestinationIp: row.destinationIp }),
    ...(row.destinationPort !== undefined && { DestinationPort: row.destinationPort }),
    ...tagSet(row),
  };
}

const pathFilters: Filters<InsightsPath> = {
  destination: (row) => row.destination,
  protocol: (row) => row.protocol,
  source: (row) => row.source,
  'destination-port': (row) => row.destinationPort,
};

export const DescribeNetworkInsightsPaths: Operation<'DescribeNetworkInsightsPaths'> = async (request, input) => {
  const limits = { min: 1, max: 100 };
  const { rows, next } = await describe(request, input, {
    type: insightsPathType,
    ids: input.NetworkInsightsPathIds,
    filters: pathFilters,
    limits,
  });
  return { NetworkInsightsPaths: rows.map(pathOf), ...next };
};

export const CreateNetworkInsightsPath: Operation<'CreateNetworkInsightsPath'> = async (request, input) => {
  const row = pathFrom(request, input, newId(request.random, 'nip'));
  await request.store.write(async (tx) => {
    await interfaceNamed(tx, request, row.source);
    if (row.destination !== undefined) await interfaceNamed(tx, request, row.destination);
    await insightsPaths.put(tx, row);
  });
  return { NetworkInsightsPath: pathOf(row) };
};

function pathFrom({ account, region, now }: Place & { now: number }, input: Input<'CreateNetworkInsightsPath'>, id: string): InsightsPath {
  for (const name of ['SourceIp', 'FilterAtSource', 'FilterAtDestination'] as const)
    if (input[name] !== undefined) throw notBuilt('CreateNetworkInsightsPath', name);
  const { Destination: destination, DestinationIp: destinationIp, DestinationPort: destinationPort, Protocol: protocol } = input;
  if (destination === undefined && destinationIp === undefined) throw missingParameter('destination');
  if (destinationIp !== undefined && parseAddress(destinationIp) === undefined && parseAddress6(destinationIp) === undefined)
    throw invalidParameterValue(`Value (${destinationIp}) for parameter destinationIp is invalid.`);
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw invalidParameterValue(`Value (${String(protocol)}) for parameter protocol is invalid.`);
  return {
    ...{ account, region, id, created: now, source: idIn(input.Source), protocol },
    ...(destination !== undefined && { destination: idIn(destination) }),
    ...(destinationIp !== undefined && { destinationIp: canonicalAddress(destinationIp) }),
    ...(destinationPort !== undefined && { destinationPort }),
    ...kept(tagsFor(input.TagSpecifications, 'network-insights-path')),
  };
}

/** Components may be given by their ARN. */
function idIn(text: string): string {
  const id = text.slice(text.lastIndexOf('/') + 1);
  if (!/^(?:eni|i)-/.test(id)) throw notBuilt('CreateNetworkInsightsPath', `a source or destination like ${id}`);
  return id;
}

async function interfaceNamed(tx: ReadTransaction, place: Place, id: string): Promise<NetworkInterface> {
  if (id.startsWith('eni-')) return requireResource(tx, place, networkInterfaceType, id);
  const found = (await resourcesBy(tx, place, networkInterfaceType, 'instance', id)).find((row) => row.attachment!.deviceIndex === 0);
  if (!found) throw refusal('InvalidInstanceID.NotFound')(`The instance ID '${id}' does not exist`);
  return found;
}

export const DeleteNetworkInsightsPath: Operation<'DeleteNetworkInsightsPath'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, insightsPathType, input.NetworkInsightsPathId);
    if ((await resourcesBy(tx, request, insightsAnalysisType, 'path', row.id)).length > 0)
      throw refusal('AnalysisExistsForNetworkInsightsPath')(`Network insights path ${row.id} has analyses.`);
    await insightsPaths.delete(tx, row.account, row.region, row.id);
  });
  return { NetworkInsightsPathId: input.NetworkInsightsPathId };
};

/** The model answers at once, so an analysis has succeeded when it is made. */
export const StartNetworkInsightsAnalysis: Operation<'StartNetworkInsightsAnalysis'> = async (request, input) => {
  for (const name of ['AdditionalAccounts', 'FilterInArns', 'FilterOutArns'] as const)
    if (input[name]?.length) throw notBuilt('StartNetworkInsightsAnalysis', name);
  const tags = tagsFor(input.TagSpecifications, 'network-insights-analysis');
  const id = newId(request.random, 'nia');
  const { account, region, now } = request;
  const records = await request.store.read(networkRecords);
  const row = await request.store.write(async (tx) => {
    const path = await requireResource(tx, request, insightsPathType, input.NetworkInsightsPathId);
    const from = await interfaceNamed(tx, request, path.source);
    const destination = path.destinationIp ?? (await interfaceNamed(tx, request, path.destination!)).addresses[0]!.address;
    const wanted = {
      protocol: path.protocol,
      destination,
      ...(path.destinationPort !== undefined && { port: path.destinationPort }),
    };
    const { reached, forward, back } = reach(records, from.id, wanted);
    const made: InsightsAnalysis = {
      account,
      region,
      id,
      created: now,
      path: path.id,
      found: reached,
      forward,
      back,
      ...kept(tags),
    };
    await insightsAnalyses.put(tx, made);
    return made;
  });
  return { NetworkInsightsAnalysis: analysisOf(row) };
};

const explanations: Readonly<Record<Hop['kind'], string>> = {
  interface: 'UNASSOCIATED_COMPONENT',
  'security-group': 'ENI_SG_RULES_MISMATCH',
  'network-acl': 'SUBNET_ACL_RESTRICTION',
  'route-table': 'NO_ROUTE_TO_DESTINATION',
  'internet-gateway': 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
  'egress-only-internet-gateway': 'EIGW_REJECTS_INBOUND_TRAFFIC',
  'nat-gateway': 'NGW_REQUIRES_SOURCE_IN_VPC',
  'vpc-peering-connection': 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR',
  'vpc-endpoint': 'NO_ROUTE_TO_DESTINATION',
};

function analysisOf(row: InsightsAnalysis) {
  const component = (hop: Hop) => ({
    Id: hop.id,
    Arn: resourceArn({ name: hop.kind === 'interface' ? 'network-interface' : hop.kind }, row, hop.id),
  });
  const shown = (hops: readonly Hop[]) =>
    hops.filter((hop) => hop.allowed).map((hop, at) => ({ SequenceNumber: at + 1, Component: component(hop) }));
  return {
    ...{
      NetworkInsightsAnalysisId: row.id,
      NetworkInsightsAnalysisArn: resourceArn(insightsAnalysisType, row, row.id),
    },
    ...{
      NetworkInsightsPathId: row.path,
      StartDate: new Date(row.created),
      Status: 'succeeded' as const,
      NetworkPathFound: row.found,
    },
    ...{ ForwardPathComponents: shown(row.forward), ReturnPathComponents: shown(row.back) },
    Explanations: [...row.forward, ...row.back]
      .filter((hop) => !hop.allowed)
      .map((hop) => ({
        ...{ ExplanationCode: explanations[hop.kind], Component: component(hop) },
        ...(hop.direction !== undefined && { Direction: hop.direction }),
        ...(hop.why !== undefined && { MissingComponent: hop.why }),
      })),
    ...tagSet(row),
  };
}

const analysisFilters: Filters<InsightsAnalysis> = {
  'path-found': (row) => row.found,
  status: () => 'succeeded',
};

export const DescribeNetworkInsightsAnalyses: Operation<'DescribeNetworkInsightsAnalyses'> = async (request, input) => {
  const limits = { min: 1, max: 100 };
  const { rows, next } = await describe(request, input, {
    ...{
      type: insightsAnalysisType,
      ids: input.NetworkInsightsAnalysisIds,
      filters: analysisFilters,
      limits,
    },
  });
  const wanted = rows.filter((row) => input.NetworkInsightsPathId === undefined || row.path === input.NetworkInsightsPathId);
  return { NetworkInsightsAnalyses: wanted.map(analysisOf), ...next };
};

export const DeleteNetworkInsightsAnalysis: Operation<'DeleteNetworkInsightsAnalysis'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, insightsAnalysisType, input.NetworkInsightsAnalysisId);
    await insightsAnalyses.delete(tx, row.account, row.region, row.id);
  });
  return { NetworkInsightsAnalysisId: input.NetworkInsightsAnalysisId };
};
