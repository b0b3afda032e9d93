/** `npm run new-service -- <sdk-id>`: lays out src/services/<sdk-id> and lists it in src/services.ts. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadModel, modelIndex } from '../src/protocols/models.ts';
import type { ServiceModel } from '../src/protocols/model.ts';

const home = dirname(import.meta.dirname);

/** `route-53` → `Route53` */
function typeName(name: string): string {
  return capitalised(name.split('-'));
}

function capitalised(words: readonly string[]): string {
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** The operation that a newcomer would try first: one that lists and needs nothing. */
function firstOperation(model: ServiceModel): string {
  const names = [...model.operations.keys()].sort();
  const needsNothing = (name: string): boolean => model.operations.get(name)!.input.members.every((member) => !member.required);
  return names.find((name) => /^(List|Describe)/.test(name) && needsNothing(name)) ?? names.find(needsNothing) ?? names[0]!;
}

/** The files of a new service, by their path in its folder. */
export function filesOf(model: ServiceModel): Record<string, string> {
  const { name, sdkId } = model;
  const type = typeName(name);
  const first = firstOperation(model);
  return {
    'sdk.ts': `/** The names and types of ${sdkId}'s operations, from its SDK. */

import type * as Sdk from '@aws-sdk/client-${name}';
import type { Handler, InputOf, OperationName, OutputOf } from '../../framework/operation.ts';

export type ${type} = typeof Sdk;
export type Operation<Name extends OperationName<${type}>> = Handler<${type}, Name>;
export type Input<Name extends OperationName<${type}>> = InputOf<${type}, Name>;
export type Output<Name extends OperationName<${type}>> = OutputOf<${type}, Name>;
`,
    'errors.ts': `/** Every error that ${sdkId} throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

/** Replace this one by the service's own, with the sentence that AWS answers. */
export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
`,
    'limits.ts': `/** ${sdkId}'s quotas and defaults, units last. */

export const listedMax = 100;
`,
    'tables.ts': `/** ${sdkId}'s durable records. */

import type { AnyTable } from '../../store/table.ts';

/** Each is \`table<Row>('${name}/<plural>', { key, indexes, version, upgrade })\`; list it here. */
export const tables: readonly AnyTable[] = [];
`,
    'service.ts': `/** ${sdkId}: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import type { ${type} } from './sdk.ts';
import { tables } from './tables.ts';

export const service = defineService<${type}>({
  name: '${name}',
  tables,
  operations: {},
  authorize: {},
});
`,
    'tests/unbuilt.test.ts': `/** What is not built says so. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-${name}';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

test('an operation that is not built names itself', async () => {
  const client = cloud.client(sdk.${clientClass(model)});
  const answer = client.send(new sdk.${first}Command({} as never));
  await assert.rejects(answer, { name: 'NotImplemented', message: /${first}/ });
});
`,
  };
}

/** The SDK names its client after the SDK id. */
function clientClass({ sdkId }: ServiceModel): string {
  return `${capitalised(sdkId.split(/[^A-Za-z0-9]+/))}Client`;
}

async function listService(name: string): Promise<void> {
  const path = join(home, 'src', 'services.ts');
  const text = await readFile(path, 'utf8');
  const key = /^[a-z0-9]+$/.test(name) ? name : `'${name}'`;
  const line = `  ${key}: () => import('./services/${name}/service.ts').then((module) => module.service),`;
  const lines = text.split('\n');
  const isEntry = (one: string): boolean => /^  '?[a-z0-9-]+'?: \(\) => import\(/.test(one);
  const sortKey = (one: string): string => one.trim().replaceAll("'", '');
  const entries = [...lines.filter(isEntry), line].sort((a, b) => sortKey(a).localeCompare(sortKey(b), 'en'));
  const start = lines.findIndex(isEntry);
  if (start < 0) throw new Error('src/services.ts lists no service to put this one beside');
  const rest = lines.filter((one) => !isEntry(one));
  await writeFile(path, [...rest.slice(0, start), ...entries, ...rest.slice(start)].join('\n'));
}

async function main(): Promise<number> {
  const [name] = parseArgs({ allowPositionals: true }).positionals;
  const known = modelIndex().map((one) => one.name);
  if (name === undefined || !known.includes(name)) {
    console.error(`Usage: npm run new-service -- SDK-ID, where SDK-ID is one of: ${known.join(', ')}`);
    return 2;
  }
  const folder = join(home, 'src', 'services', name);
  const files = filesOf(loadModel(name));
  await mkdir(join(folder, 'tests'), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text, { flag: 'wx' });
  await listService(name);
  console.log(
    `Laid out src/services/${name}. Next: write the first operation, list it in service.ts with its authorisation, test it through the SDK`,
  );
  console.log('(docs/guides/adding-an-operation.md).');
  return 0;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    console.error(`${error.path} is there already; nothing was overwritten.`);
    return 1;
  });
}
