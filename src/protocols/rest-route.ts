/** Finds the operation of a REST request: the most specific route whose path, literal query and required parts match. */

import type { OperationModel, ServiceModel } from './model.ts';
import type { WireRequest } from './wire.ts';

export type RestMatch = { operation: OperationModel; labels: Record<string, string> };

type Route = {
  operation: OperationModel;
  /** Names of the path's labels, in order. */
  labels: string[];
  /** Query parameters that the URI names; `value` undefined when the name alone counts. */
  literals: { name: string; value: string | undefined }[];
  /** S3 only: required query parameters and headers tell operations on one path apart (UploadPart from PutObject). */
  requiredQuery: string[];
  requiredHeaders: string[];
  /** S3 only: subresources that this route does not take; a request for one of them is not for this route. */
  refusedQuery: ReadonlySet<string> | undefined;
};

/** A path segment's place in the tree. Literal children come before labels, labels before the rest of the path. */
type Node = { literal: Map<string, Node>; label: Node | undefined; greedy: Greedy[]; routes: Route[] };

/** A label that takes several segments, and the literal segments that may follow it. */
type Greedy = { suffix: string[]; routes: Route[] };

type Table = { withBucket: Map<string, Node>; plain: Map<string, Node> };

const tables = new WeakMap<ServiceModel, Table>();

/** The operation and its labels, still percent-encoded segments decoded once. Undefined when no operation has such a request. */
export function routeRest(model: ServiceModel, wire: WireRequest): RestMatch | undefined {
  let table = tables.get(model);
  if (table === undefined) tables.set(model, (table = buildTable(model)));
  const root = (wire.bucket === undefined ? table.plain : table.withBucket).get(wire.method);
  if (root === undefined) return undefined;
  const segments = segmentsOf(wire.path);
  const found = descend(root, segments, 0, [], wire);
  if (found === undefined) return undefined;
  const labels: Record<string, string> = {};
  const names = found.route.labels;
  for (let at = 0; at < names.length; at++) {
    const value = decode(found.values[at] as string);
    if (value === undefined) return undefined;
    labels[names[at] as string] = value;
  }
  if (wire.bucket !== undefined) labels['Bucket'] = wire.bucket;
  return { operation: found.route.operation, labels };
}

type Found = { route: Route; values: string[] };

function descend(node: Node, segments: string[], at: number, values: string[], wire: WireRequest): Found | undefined {
  if (at === segments.length || (at === segments.length - 1 && segments[at] === '')) {
    const route = choose(node.routes, wire);
    if (route !== undefined) return { route, values };
  }
  if (at < segments.length) {
    const segment = segments[at] as string;
    const literal = node.literal.get(segment);
    const byLiteral = literal && descend(literal, segments, at + 1, values, wire);
    if (byLiteral !== undefined) return byLiteral;
    const byLabel = node.label && segment !== '' ? descend(node.label, segments, at + 1, [...values, segment], wire) : undefined;
    if (byLabel !== undefined) return byLabel;
    for (const greedy of node.greedy) {
      const end = segments.length - greedy.suffix.length;
      if (end <= at || !greedy.suffix.every((part, index) => segments[end + index] === part)) continue;
      const rest = (at === 0 && end === segments.length ? segments : segments.slice(at, end)).join('/');
      const route = rest === '' ? undefined : choose(greedy.routes, wire);
      if (route !== undefined) return { route, values: [...values, rest] };
    }
  }
  return undefined;
}

/** Routes are sorted, the most demanding first; `x-id` (which AWS CLI leaves out) only decides between equals. */
function choose(routes: Route[], wire: WireRequest): Route | undefined {
  let chosen: Route | undefined;
  const bare = wire.query.size === 0;
  for (const route of routes) {
    if (bare && (route.literals.length > 0 || route.requiredQuery.length > 0)) continue;
    if (chosen !== undefined && demands(route) < demands(chosen)) break;
    if (!matches(route, wire)) continue;
    if (wire.query.get('x-id')?.[0] === route.operation.name) return route;
    chosen ??= route;
  }
  return chosen;
}

function matches(route: Route, wire: WireRequest): boolean {
  for (const { name, value } of route.literals) {
    const given = wire.query.get(name);
    if (given === undefined || (value !== undefined && given[0] !== value)) return false;
  }
  for (const name of route.requiredQuery) if (!wire.query.has(name)) return false;
  for (const name of route.requiredHeaders) if (wire.headers[name] === undefined) return false;
  if (route.refusedQuery !== undefined) for (const name of wire.query.keys()) if (route.refusedQuery.has(name)) return false;
  return true;
}

function demands(route: Route): number {
  return route.literals.length * 8 + route.requiredQuery.length + route.requiredHeaders.length;
}

function buildTable(model: ServiceModel): Table {
  const table: Table = { withBucket: new Map(), plain: new Map() };
  const names = [...model.operations.keys()].sort();
  const subresources = model.name === 's3' ? subresourcesOf(model) : [];
  for (const name of names) {
    const operation = model.operations.get(name) as OperationModel;
    if (operation.http !== undefined) addRoute(table, model, subresources, operation, operation.http);
  }
  for (const roots of [table.withBucket, table.plain]) for (const root of roots.values()) sortRoutes(root);
  return table;
}

function addRoute(
  table: Table,
  model: ServiceModel,
  subresources: readonly string[],
  operation: OperationModel,
  http: { method: string; uri: string },
): void {
  const [path, query] = http.uri.split('?', 2) as [string, string | undefined];
  const isS3 = model.name === 's3';
  // S3's URIs leave the bucket out. WriteGetObjectResponse alone has none though others at its depth do.
  const roots = isS3 && operation.input.byName.get('Bucket')?.traits['httpLabel'] !== undefined ? table.withBucket : table.plain;
  let node = child(roots, http.method);
  const route: Route = {
    operation,
    labels: [],
    literals: literalsOf(query),
    requiredQuery: [],
    requiredHeaders: [],
    refusedQuery: undefined,
  };
  if (isS3) {
    requireMembers(route, operation);
    refuseSubresources(route, subresources);
  }
  const segments = segmentsOf(path).filter((segment, at, all) => at < all.length - 1 || segment !== '');
  for (const [at, segment] of segments.entries()) {
    if (!segment.startsWith('{')) {
      node = child(node.literal, segment);
      continue;
    }
    route.labels.push(segment.replace(/^\{|\+?\}$/g, ''));
    if (segment.endsWith('+}')) {
      addGreedy(node, segments.slice(at + 1), route);
      return;
    }
    node = node.label ??= newNode();
  }
  node.routes.push(route);
}

function addGreedy(node: Node, suffix: string[], route: Route): void {
  const known = node.greedy.find((greedy) => greedy.suffix.join('/') === suffix.join('/'));
  if (known === undefined) node.greedy.push({ suffix, routes: [route] });
  else known.routes.push(route);
}

function requireMembers(route: Route, operation: OperationModel): void {
  for (const { required, traits } of operation.input.members) {
    if (!required) continue;
    if (traits['httpQuery'] !== undefined) route.requiredQuery.push(traits['httpQuery'] as string);
    if (traits['httpHeader'] !== undefined) route.requiredHeaders.push((traits['httpHeader'] as string).toLowerCase());
  }
}

/** Literals that choose a form of the answer rather than another resource. */
const NO_SUBRESOURCES = new Set(['list-type', 'select-type']);

/**
 * What S3 calls subresources. `DELETE /bucket?versioning` must not delete the bucket only because S3 knows no such operation;
 * parameters that are no subresource are ignored, as S3 does.
 */
function subresourcesOf(model: ServiceModel): string[] {
  const names = [...model.operations.values()].flatMap((operation) =>
    literalsOf(operation.http?.uri.split('?', 2)[1]).map((literal) => literal.name),
  );
  return [...new Set([...names, 'uploadId', 'partNumber'])].filter((name) => !NO_SUBRESOURCES.has(name));
}

function refuseSubresources(route: Route, subresources: readonly string[]): void {
  const taken = new Set([
    ...route.literals.map((literal) => literal.name),
    ...route.operation.input.members.map((member) => member.traits['httpQuery']),
  ]);
  route.refusedQuery = new Set(subresources.filter((name) => !taken.has(name)));
}

function literalsOf(query: string | undefined): Route['literals'] {
  if (query === undefined) return [];
  return query
    .split('&')
    .map((part) => part.split('=', 2) as [string, string | undefined])
    .filter(([name]) => name !== 'x-id')
    .map(([name, value]) => ({ name, value: value === '' ? undefined : value }));
}

function sortRoutes(node: Node): void {
  const byDemands = (a: Route, b: Route) => demands(b) - demands(a);
  node.routes.sort(byDemands);
  node.greedy.sort((a, b) => b.suffix.length - a.suffix.length);
  for (const greedy of node.greedy) greedy.routes.sort(byDemands);
  for (const child of node.literal.values()) sortRoutes(child);
  if (node.label !== undefined) sortRoutes(node.label);
}

function child(nodes: Map<string, Node>, key: string): Node {
  let node = nodes.get(key);
  if (node === undefined) nodes.set(key, (node = newNode()));
  return node;
}

function newNode(): Node {
  return { literal: new Map(), label: undefined, greedy: [], routes: [] };
}

function segmentsOf(path: string): string[] {
  return (path.startsWith('/') ? path.slice(1) : path).split('/');
}

function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
