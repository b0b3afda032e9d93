/** Every service that the models know, found by what a request may say of it. */

import { modelIndex, type ModelSummary } from '../protocols/models.ts';

export type Catalogue = {
  bySigningName(name: string): readonly ModelSummary[];
  byTarget(target: string): readonly ModelSummary[];
  /** Services of the query protocols with this version date. */
  byVersion(version: string): readonly ModelSummary[];
  byHostLabel(label: string): ModelSummary | undefined;
};

/** Older twins of a service on the same wire: asked only when the younger does not have the operation. */
const elder: ReadonlySet<string> = new Set(['cloudwatch-events', 'docdb', 'neptune']);

/** Names in credential scopes and hosts that the models do not carry. */
const aliases: Readonly<Record<string, string>> = {
  s3express: 's3',
  's3-object-lambda': 's3',
  's3-outposts': 's3',
  queue: 'sqs',
  email: 'ses',
  ddb: 'dynamodb',
  cloudwatch: 'cloudwatch',
};

export function createCatalogue(): Catalogue {
  const signing = new Map<string, ModelSummary[]>();
  const targets = new Map<string, ModelSummary[]>();
  const versions = new Map<string, ModelSummary[]>();
  const hosts = new Map<string, ModelSummary>();
  const inOrder = [...modelIndex()].sort((a, b) => Number(elder.has(a.name)) - Number(elder.has(b.name)));
  for (const summary of inOrder) {
    add(signing, summary.signingName, summary);
    if (summary.target) add(targets, summary.target, summary);
    if (summary.protocols.some((protocol) => protocol === 'awsQuery' || protocol === 'ec2Query')) add(versions, summary.version, summary);
    for (const label of [summary.endpointPrefix, summary.name, summary.signingName]) if (!hosts.has(label)) hosts.set(label, summary);
  }
  for (const [alias, name] of Object.entries(aliases)) {
    const summary = inOrder.find((candidate) => candidate.name === name);
    if (!summary) continue;
    if (!signing.has(alias)) signing.set(alias, [summary]);
    if (!hosts.has(alias)) hosts.set(alias, summary);
  }
  const none: readonly ModelSummary[] = [];
  return {
    bySigningName: (name) => signing.get(name) ?? none,
    byTarget: (target) => targets.get(target) ?? none,
    byVersion: (version) => versions.get(version) ?? none,
    byHostLabel: (label) => hosts.get(label),
  };
}

function add(map: Map<string, ModelSummary[]>, key: string, summary: ModelSummary): void {
  const list = map.get(key);
  if (list) list.push(summary);
  else map.set(key, [summary]);
}
