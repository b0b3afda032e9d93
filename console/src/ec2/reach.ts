/** Asks the Reachability Analyzer whether one instance reaches another, and takes away what was made for the question. */

import {
  CreateNetworkInsightsPathCommand,
  DeleteNetworkInsightsAnalysisCommand,
  DeleteNetworkInsightsPathCommand,
  DescribeNetworkInsightsAnalysesCommand,
  StartNetworkInsightsAnalysisCommand,
  type Explanation,
  type NetworkInsightsAnalysis,
  type PathComponent,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { asShown } from '../from-shell/sending.ts';
import { ec2 } from './client.ts';

/** What one has chosen so far, as it stands in the address. */
export type Asked = {
  from: string | undefined;
  to: string | undefined;
  protocol: 'tcp' | 'udp';
  port: string | undefined;
};
export type Question = { from: string; to: string; protocol: 'tcp' | 'udp'; port: number };
/** One thing that the packet, or its answer, met. */
export type Step = { id: string; kind: Kind; direction?: 'ingress' | 'egress' | undefined; passed: boolean; isAnswer: boolean };
export type Kind = 'interface' | 'security-group' | 'network-acl' | 'route-table' | 'internet-gateway' | 'nat-gateway' | 'peering';
export type Verdict = { reached: boolean; steps: readonly Step[]; /** What stopped it. */ stop?: Step };

const againMilliseconds = 500;

/** Undefined for what is no port. */
export function portOf(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}

/** There once both ends and a port are. */
export function questionOf({ from, to, protocol, port: text = '' }: Asked): Question | undefined {
  const port = portOf(text);
  return from && to && port ? { from, to, protocol, port } : undefined;
}

export function pathCommand({ from, to, protocol, port }: Question): CreateNetworkInsightsPathCommand {
  return new CreateNetworkInsightsPathCommand({ Source: from, Destination: to, Protocol: protocol, DestinationPort: port });
}

/** The same from a shell. */
export function actionsOf(question: Question): Action[] {
  return [
    { service: 'ec2', operation: 'CreateNetworkInsightsPath', command: pathCommand(question) },
    {
      service: 'ec2',
      operation: 'StartNetworkInsightsAnalysis',
      command: new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId: 'nip-…' }),
    },
    // What was made for the question is taken away again.
    {
      service: 'ec2',
      operation: 'DeleteNetworkInsightsAnalysis',
      command: new DeleteNetworkInsightsAnalysisCommand({ NetworkInsightsAnalysisId: 'nia-…' }),
    },
    {
      service: 'ec2',
      operation: 'DeleteNetworkInsightsPath',
      command: new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: 'nip-…' }),
    },
  ];
}

export async function ask(question: Question): Promise<Verdict> {
  const client = ec2();
  const { NetworkInsightsPath } = await client.send(asShown(pathCommand(question)));
  const path = NetworkInsightsPath!.NetworkInsightsPathId!;
  let analysis: NetworkInsightsAnalysis | undefined;
  try {
    analysis = (await client.send(asShown(new StartNetworkInsightsAnalysisCommand({ NetworkInsightsPathId: path }))))
      .NetworkInsightsAnalysis;
    const id = analysis!.NetworkInsightsAnalysisId!;
    while (analysis?.Status === 'running') {
      await new Promise((resolve) => setTimeout(resolve, againMilliseconds));
      const asked = new DescribeNetworkInsightsAnalysesCommand({ NetworkInsightsAnalysisIds: [id] });
      analysis = (await client.send(asked)).NetworkInsightsAnalyses?.[0];
    }
    return verdictOf(analysis!);
  } finally {
    if (analysis)
      await client.send(
        asShown(new DeleteNetworkInsightsAnalysisCommand({ NetworkInsightsAnalysisId: analysis.NetworkInsightsAnalysisId })),
      );
    await client.send(asShown(new DeleteNetworkInsightsPathCommand({ NetworkInsightsPathId: path })));
  }
}

function verdictOf(analysis: NetworkInsightsAnalysis): Verdict {
  const { ForwardPathComponents: forward = [], ReturnPathComponents: back = [], Explanations = [] } = analysis;
  const there = forward.map((one) => stepOf(one, false));
  const answers = back.map((one) => stepOf(one, true));
  const reached = analysis.NetworkPathFound ?? false;
  const [why] = Explanations;
  if (reached || !why) return { reached, steps: [...there, ...answers] };
  // It has arrived, so what stopped it stopped the answer.
  const isAnswer = there.at(-1)?.kind === 'interface';
  const stop: Step = { ...partOf(why), direction: directionOf(why.Direction), passed: false, isAnswer };
  return { reached, steps: [...there, ...answers, stop], stop };
}

function stepOf(one: PathComponent, isAnswer: boolean): Step {
  return { ...partOf(one), direction: undefined, passed: true, isAnswer };
}

function partOf({ Component }: PathComponent | Explanation): { id: string; kind: Kind } {
  const id = Component?.Id ?? '';
  return { id, kind: kindOf(id, Component?.Arn ?? '') };
}

/** By the ARN, since several groups may stand in one id. */
function kindOf(id: string, arn: string): Kind {
  const type = /:([a-z-]+)\//.exec(arn)?.[1] ?? '';
  if (type === 'vpc-peering-connection' || id.startsWith('pcx-')) return 'peering';
  const kinds: readonly Kind[] = ['security-group', 'network-acl', 'route-table', 'internet-gateway'];
  return kinds.find((kind) => kind === type) ?? (type.startsWith('nat') ? 'nat-gateway' : 'interface');
}

function directionOf(text: string | undefined): Step['direction'] {
  return text === 'ingress' || text === 'egress' ? text : undefined;
}
