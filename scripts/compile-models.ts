/** `npm run models [DIRECTORY]`: compacts the schemas of every installed `@aws-sdk/client-*` into models/<name>.json and models/index.json. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import {
  SHAPE_BASE,
  type CompiledModel,
  type CompiledShape,
  type CompiledTraits,
  type MemberRef,
  type ModelSummary,
  type Ref,
} from '../src/protocols/compiled-model.ts';
import { protocolsOf, xmlNamespaceOf } from '../src/protocols/service-facts.ts';
import { writtenModels } from './written-models.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const models = process.argv[2] === undefined ? path.join(root, 'models') : path.resolve(process.argv[2]);
const require = createRequire(import.meta.url);

/** A schema as the SDK exports it: a tuple whose first item tells its kind, a number, `"unit"`, or a function that gives one of them. */
type Schema = readonly unknown[];
type SdkModule = Record<string, unknown>;
type SdkClient = { config: SdkConfig; destroy(): void };
type SdkConfig = {
  serviceId: string;
  protocol: { getShapeId(): string };
  protocolSettings: {
    defaultNamespace: string;
    version: string;
    serviceTarget: string;
    xmlNamespace?: string;
    awsQueryCompatible?: boolean;
  };
  endpointProvider(
    parameters: Record<string, unknown>,
    context: object,
  ): { url: URL; properties?: { authSchemes?: { signingName?: string }[] } };
  httpAuthSchemeProvider(parameters: Record<string, unknown>): { schemeId: string; signingProperties?: { name?: string } }[];
};

main();

function main(): void {
  const names = clientNames();
  const key = inputsKey();
  if (isCurrent(key, names)) return;
  mkdirSync(models, { recursive: true });
  const summaries: ModelSummary[] = [];
  for (const [at, name] of names.entries()) {
    progress(`Compiling service models ${at + 1}/${names.length} ${name}`);
    const model = Object.hasOwn(writtenModels, name) ? writtenModels[name]!() : compileClient(name);
    writeModel(`${name}.json`, model);
    summaries.push(summaryOf(model));
  }
  for (const file of readdirSync(models))
    if (file.endsWith('.json') && file !== 'index.json' && !names.includes(file.slice(0, -'.json'.length))) rmSync(path.join(models, file));
  writeModel('index.json', { key, services: summaries });
  progress('');
  console.log(`Compiled ${names.length} service models.`);
}

function clientNames(): string[] {
  const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const prefix = '@aws-sdk/client-';
  return Object.keys(devDependencies)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .sort();
}

/** Changes whenever a client's version or the compilation itself does. */
function inputsKey(): string {
  const hash = createHash('sha256');
  for (const file of [
    'package-lock.json',
    'scripts/compile-models.ts',
    'scripts/written-models.ts',
    'src/protocols/compiled-model.ts',
    'src/protocols/service-facts.ts',
  ])
    hash.update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

function isCurrent(key: string, names: string[]): boolean {
  const index = path.join(models, 'index.json');
  if (!existsSync(index)) return false;
  const found = JSON.parse(readFileSync(index, 'utf8')) as { key?: string };
  return found.key === key && names.every((name) => existsSync(path.join(models, `${name}.json`)));
}

function compileClient(name: string): CompiledModel {
  const sdk = require(`@aws-sdk/client-${name}`) as SdkModule;
  const client = newClient(name, sdk);
  const { config } = client;
  const settings = config.protocolSettings;
  const table = shapeTable();
  const operations: CompiledModel['operations'] = {};
  const errors: Ref[] = [];
  // Sorted, so that the same packages always give the same file.
  for (const exported of Object.keys(sdk).sort()) {
    const schema = sdk[exported];
    if (!exported.endsWith('$') || !Array.isArray(schema)) continue;
    if (schema[0] === 9) operations[schema[2] as string] = [table.ref(schema[4]), table.ref(schema[5]), schema[3] as CompiledTraits];
    else if (schema[0] === -3) errors.push(table.ref(schema));
  }
  const names = Object.keys(operations);
  if (names.length === 0) throw new Error(`${name}: the package exports no operation schemas`);
  const { signingName, endpointPrefix, unsigned } = addressing(name, config, names);
  const protocol = config.protocol.getShapeId().split('#')[1] ?? '';
  client.destroy();
  return {
    name,
    sdkId: config.serviceId,
    signingName,
    endpointPrefix,
    version: settings.version,
    target: settings.serviceTarget,
    protocols: protocolsOf(name, protocol),
    namespace: settings.defaultNamespace,
    xmlNamespace: xmlNamespaceOf(name, settings.xmlNamespace),
    queryCompatible: settings.awsQueryCompatible === true,
    operations,
    unsigned,
    errors,
    shapes: table.shapes,
  };
}

function newClient(name: string, sdk: SdkModule): SdkClient {
  const found = Object.keys(sdk).find((key) => key.endsWith('Client') && key !== '__Client' && typeof sdk[key] === 'function');
  if (found === undefined) throw new Error(`@aws-sdk/client-${name} exports no client`);
  const Client = sdk[found] as new (config: object) => SdkClient;
  // Nothing is sent: the client only tells its protocol and settings.
  return new Client({
    region: 'us-east-1',
    endpoint: name === 'apigatewaymanagementapi' ? 'http://localhost' : undefined,
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
}

function addressing(
  name: string,
  config: SdkConfig,
  operations: string[],
): { signingName: string; endpointPrefix: string; unsigned: string[] } {
  if (name === 'cloudfront-keyvaluestore')
    return { signingName: 'cloudfront-keyvaluestore', endpointPrefix: 'cloudfront-kvs', unsigned: [] };
  const where = { Region: 'us-east-1', UseFIPS: false, UseDualStack: false };
  const endpoint = config.endpointProvider(where, {});
  const schemes = (operation: string) => config.httpAuthSchemeProvider({ ...where, region: 'us-east-1', operation });
  const signingName = endpoint.properties?.authSchemes?.[0]?.signingName ?? schemes('')[0]?.signingProperties?.name;
  if (signingName === undefined) throw new Error(`${name}: its signing name is unknown`);
  const endpointPrefix = endpoint.url.hostname.replace(/(\.us-east-1)?\.(amazonaws\.com|api\.aws)$/, '');
  return {
    signingName,
    endpointPrefix,
    unsigned: operations.filter((operation) => schemes(operation)[0]?.schemeId === 'smithy.api#noAuth'),
  };
}

/** Numbers the shapes that are reached, in the order in which they are. */
function shapeTable(): { shapes: CompiledShape[]; ref(schema: unknown): Ref } {
  const shapes: CompiledShape[] = [];
  const numbers = new Map<Schema, number>();
  const ref = (given: unknown): Ref => {
    const schema = typeof given === 'function' ? (given as () => unknown)() : given;
    if (typeof schema === 'number') return schema;
    if (!Array.isArray(schema)) return null;
    const known = numbers.get(schema);
    if (known !== undefined) return SHAPE_BASE + known;
    const number = shapes.length;
    numbers.set(schema, number);
    shapes.push([0, '', 0, null]); // Keeps the place while shapes that refer back are walked.
    shapes[number] = compileShape(schema, ref);
    return SHAPE_BASE + number;
  };
  return { shapes, ref };
}

function compileShape(schema: Schema, ref: (schema: unknown) => Ref): CompiledShape {
  const [kind, , name, traits, first, second, required] = schema as [
    number,
    string,
    string,
    CompiledTraits,
    unknown,
    unknown,
    number | undefined,
  ];
  const member = (given: unknown): MemberRef => {
    const schema = typeof given === 'function' ? (given as () => unknown)() : given;
    // A pair is a shape with the member's own traits; a shape itself has at least five items.
    return Array.isArray(schema) && schema.length === 2 ? [ref(schema[0]), schema[1] as CompiledTraits] : ref(schema);
  };
  switch (kind) {
    case 0:
      return [0, name, traits, ref(first)];
    case 1:
      return [1, name, traits, member(first)];
    case 2:
      return [2, name, traits, member(first), member(second)];
    case 3:
    case -3:
    case 4:
      return [kind, name, traits, first as string[], (second as unknown[]).map(member), kind === 4 ? 0 : (required ?? 0)];
    default:
      throw new Error(`${name}: a schema of the unknown kind ${kind}`);
  }
}

function summaryOf(model: CompiledModel): ModelSummary {
  const { name, sdkId, signingName, endpointPrefix, version, target, protocols } = model;
  return { name, sdkId, signingName, endpointPrefix, version, target, protocols };
}

/** Writes beside and renames, so that an interrupted run leaves no half file. */
function writeModel(file: string, content: unknown): void {
  const target = path.join(models, file);
  const fresh = `${target}.${process.pid}.new`;
  writeFileSync(fresh, JSON.stringify(content));
  renameSync(fresh, target);
}

function progress(line: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
}
