/** Models of the protocol vectors: their botocore-style shapes, brought into the form that Haneul links. */

import { SHAPE_BASE, type CompiledModel, type CompiledShape, type MemberRef, type Ref } from '../../src/protocols/compiled-model.ts';
import { linkModel } from '../../src/protocols/link.ts';
import type { Protocol, ServiceModel } from '../../src/protocols/model.ts';

type Namespace = string | { uri: string; prefix?: string };

export type VectorMember = {
  shape: string;
  location?: 'header' | 'headers' | 'querystring' | 'uri' | 'statusCode';
  locationName?: string;
  flattened?: boolean;
  xmlAttribute?: boolean;
  xmlNamespace?: Namespace;
  jsonvalue?: boolean;
  timestampFormat?: string;
  idempotencyToken?: boolean;
};

export type VectorShape = {
  type: string;
  members?: Record<string, VectorMember>;
  member?: VectorMember;
  key?: VectorMember;
  value?: VectorMember;
  required?: string[];
  payload?: string;
  document?: boolean;
  union?: boolean;
  exception?: boolean;
  flattened?: boolean;
  locationName?: string;
  xmlNamespace?: Namespace;
  timestampFormat?: string;
  error?: { code?: string; httpStatusCode?: number };
};

export type Metadata = {
  protocol: string;
  jsonVersion?: string;
  targetPrefix?: string;
  apiVersion: string;
  xmlNamespace?: Namespace;
  awsQueryCompatible?: object;
  serviceId?: string;
};

export type Given = {
  name: string;
  http: { method: string; requestUri: string; responseCode?: number };
  input?: VectorMember & { locationName?: string };
  output?: VectorMember;
  errors?: { shape: string }[];
};

export type VectorShapes = Record<string, VectorShape>;

const TIMESTAMPS: Readonly<Record<string, number>> = { iso8601: 5, rfc822: 6, unixTimestamp: 7 };
const SIMPLE: Readonly<Record<string, number>> = {
  string: 0,
  character: 0,
  integer: 1,
  long: 1,
  float: 1,
  double: 1,
  short: 1,
  byte: 1,
  boolean: 2,
  timestamp: 4,
  blob: 21,
};

export function protocolOf(metadata: Metadata): Protocol {
  switch (metadata.protocol) {
    case 'json':
      return metadata.jsonVersion === '1.0' ? 'awsJson1_0' : 'awsJson1_1';
    case 'rest-json':
      return 'restJson1';
    case 'rest-xml':
      return 'restXml';
    case 'query':
      return 'awsQuery';
    case 'ec2':
      return 'ec2Query';
    case 'smithy-rpc-v2-cbor':
      return 'rpcv2Cbor';
    default:
      throw new Error(`the protocol ${metadata.protocol} is unknown`);
  }
}

/** A service with the one operation of a vector. */
export function vectorModel(metadata: Metadata, shapes: VectorShapes, given: Given): ServiceModel {
  const protocol = protocolOf(metadata);
  const isJson = protocol === 'restJson1' || protocol === 'awsJson1_0' || protocol === 'awsJson1_1';
  const table = new ShapeTable(shapes, isJson);
  const input = given.input === undefined ? null : table.ref(given.input.shape, rootTraits(given.input));
  const output = given.output === undefined ? null : table.ref(given.output.shape, rootTraits(given.output));
  const errors = (given.errors ?? []).map((error) => table.ref(error.shape, {}));
  const uri = given.http.requestUri;
  const labels = given.input === undefined ? {} : labelsOf(shapes[given.input.shape] as VectorShape);
  const renamed = uri.replace(/\{(\w+)(\+?)\}/g, (_whole, name: string, greedy: string) => `{${labels[name] ?? name}${greedy}}`);
  const compiled: CompiledModel = {
    name: 'vectors',
    sdkId: 'Vectors',
    signingName: 'vectors',
    endpointPrefix: 'vectors',
    version: metadata.apiVersion,
    target: metadata.targetPrefix ?? '',
    protocols: [protocol],
    namespace: 'com.example',
    xmlNamespace: metadata.xmlNamespace === undefined ? null : namespaceUri(metadata.xmlNamespace),
    queryCompatible: metadata.awsQueryCompatible !== undefined,
    unsigned: [],
    errors,
    shapes: table.shapes,
    operations: { [given.name]: [input, output, { http: [given.http.method, renamed, given.http.responseCode ?? 200] }] },
  };
  return linkModel(compiled);
}

/** Names in the URI to the members that hold them. */
function labelsOf(shape: VectorShape): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shape.members ?? {})
      .filter(([, member]) => member.location === 'uri')
      .map(([name, member]) => [member.locationName ?? name, name]),
  );
}

function rootTraits(given: VectorMember): Record<string, unknown> {
  return {
    ...(given.locationName !== undefined && { xmlName: given.locationName }),
    ...(given.xmlNamespace !== undefined && { xmlNamespace: namespacePair(given.xmlNamespace) }),
  };
}

class ShapeTable {
  readonly shapes: CompiledShape[] = [];
  private readonly source: VectorShapes;
  private readonly isJson: boolean;
  private readonly numbers = new Map<string, number>();

  constructor(source: VectorShapes, isJson: boolean) {
    this.source = source;
    this.isJson = isJson;
  }

  ref(name: string, extra: Record<string, unknown> = {}): Ref {
    const shape = this.source[name] as VectorShape;
    const simple = simpleRef(shape);
    // Floats may be NaN: the SDK's schemas do not tell them from integers, so Haneul lets it pass where a service asks for it.
    const isFloat = shape.type === 'float' || shape.type === 'double';
    if (simple !== undefined && !isFloat) return simple;
    const key = `${name} ${JSON.stringify(extra)}`;
    const known = this.numbers.get(key);
    if (known !== undefined) return SHAPE_BASE + known;
    const number = this.shapes.push([0, '', 0, null]) - 1;
    this.numbers.set(key, number);
    this.shapes[number] = this.compile(name, shape, { ...shapeTraits(shape), ...extra });
    return SHAPE_BASE + number;
  }

  /** A string that holds JSON is a shape of its own in the SDK's schemas. */
  private jsonText(): Ref {
    return SHAPE_BASE + this.shapes.push([0, 'JsonText', { mediaType: 'application/json' }, 0]) - 1;
  }

  private compile(name: string, shape: VectorShape, traits: Record<string, unknown>): CompiledShape {
    if (shape.type === 'float' || shape.type === 'double') return [0, name, { nonFinite: 1 }, 1];
    if (shape.type === 'list') return [1, name, traits, this.member('member', shape.member as VectorMember, shape)];
    if (shape.type === 'map')
      return [
        2,
        name,
        traits,
        this.member('key', shape.key as VectorMember, shape),
        this.member('value', shape.value as VectorMember, shape),
      ];
    const all = Object.keys(shape.members ?? {});
    const required = all.filter((member) => shape.required?.includes(member) === true);
    const names = [...required, ...all.filter((member) => !required.includes(member))];
    const members = names.map((member) =>
      this.member(member, (shape.members as Record<string, VectorMember>)[member] as VectorMember, shape),
    );
    return [shape.union === true ? 4 : shape.exception === true ? -3 : 3, name, traits, names, members, required.length];
  }

  private member(name: string, member: VectorMember, within: VectorShape): MemberRef {
    const shape = this.source[member.shape] as VectorShape;
    const timestamps = member.timestampFormat ?? shape.timestampFormat;
    const ref =
      shape.type === 'timestamp' && timestamps !== undefined
        ? (TIMESTAMPS[timestamps] as number)
        : member.jsonvalue === true
          ? this.jsonText()
          : this.ref(member.shape);
    return [
      ref,
      { ...placeTraits(name, member, shape, this.isJson), ...formTraits(member), ...(within.payload === name && { httpPayload: 1 }) },
    ];
  }
}

function simpleRef(shape: VectorShape): number | undefined {
  if (shape.document === true) return 15;
  if (shape.type === 'timestamp' && shape.timestampFormat !== undefined) return TIMESTAMPS[shape.timestampFormat];
  return SIMPLE[shape.type];
}

function shapeTraits(shape: VectorShape): Record<string, unknown> {
  const traits: Record<string, unknown> = {};
  if (shape.locationName !== undefined) traits['xmlName'] = shape.locationName;
  if (shape.xmlNamespace !== undefined) traits['xmlNamespace'] = namespacePair(shape.xmlNamespace);
  if (shape.flattened === true) traits['xmlFlattened'] = 1;
  if (shape.error?.code !== undefined) traits['awsQueryError'] = [shape.error.code, shape.error.httpStatusCode ?? 400];
  if (shape.error?.httpStatusCode !== undefined) traits['httpError'] = shape.error.httpStatusCode;
  // The vectors have lists and maps that hold null, and do not say which.
  traits['sparse'] = 1;
  return traits;
}

function placeTraits(name: string, member: VectorMember, shape: VectorShape, isJson: boolean): Record<string, unknown> {
  const { locationName } = member;
  switch (member.location) {
    case 'header':
      return { httpHeader: locationName ?? name };
    case 'headers':
      return { httpPrefixHeaders: locationName ?? '' };
    case 'querystring':
      return shape.type === 'map' ? { httpQueryParams: 1 } : { httpQuery: locationName ?? name };
    case 'uri':
      return { httpLabel: 1 };
    case 'statusCode':
      return { httpResponseCode: 1 };
    default:
      return locationName === undefined ? {} : { [isJson ? 'jsonName' : 'xmlName']: locationName };
  }
}

function formTraits(member: VectorMember): Record<string, unknown> {
  const traits: Record<string, unknown> = {};
  if (member.flattened === true) traits['xmlFlattened'] = 1;
  if (member.xmlAttribute === true) traits['xmlAttribute'] = 1;
  if (member.xmlNamespace !== undefined) traits['xmlNamespace'] = namespacePair(member.xmlNamespace);
  return traits;
}

function namespacePair(namespace: Namespace): [string, string] {
  return typeof namespace === 'string' ? ['', namespace] : [namespace.prefix ?? '', namespace.uri];
}

function namespaceUri(namespace: Namespace): string {
  return typeof namespace === 'string' ? namespace : namespace.uri;
}
