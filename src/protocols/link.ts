/** Links a compiled model: shapes become objects that refer to each other, each made when it is first reached. */

import { SHAPE_BASE, type CompiledModel, type CompiledShape, type CompiledTraits, type MemberRef, type Ref } from './compiled-model.ts';
import type { Member, OperationModel, ServiceModel, Shape, Struct, TimestampFormat, Traits } from './model.ts';
import { shapeTraitsOf } from './service-facts.ts';

/** Bit 0 … 6 of a trait vector, as `@smithy/types` numbers them. */
const TRAIT_BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;

const LIST_OF = 64;
const MAP_OF = 128;

const TIMESTAMP_FORMATS: Readonly<Record<number, TimestampFormat>> = { 4: 'default', 5: 'date-time', 6: 'http-date', 7: 'epoch-seconds' };

const NO_TRAITS: Traits = Object.freeze({});

const traitVectors = new Map<number, Traits>();

/** The structure without members: input or output of operations that have none. */
export const UNIT: Struct = { kind: 'struct', name: 'Unit', traits: NO_TRAITS, union: false, error: false, members: [], byName: new Map() };

export function linkModel(compiled: CompiledModel): ServiceModel {
  const shapeOf = shapeResolver(compiled);
  const structOf = (ref: Ref): Struct => {
    const shape = shapeOf(ref);
    if (shape.kind !== 'struct') throw new Error(`${compiled.name}: ${ref} is not a structure`);
    return shape;
  };
  const unsigned = new Set(compiled.unsigned);
  const operations = new Map<string, OperationModel>();
  for (const [name, [input, output, traits]] of Object.entries(compiled.operations)) {
    operations.set(
      name,
      linkOperation(
        name,
        () => structOf(input),
        () => structOf(output),
        expandTraits(traits),
        unsigned.has(name),
      ),
    );
  }
  const errors = new Map<string, Struct>();
  for (const ref of compiled.errors) {
    const shape = structOf(ref);
    errors.set(shape.name, shape);
  }
  const { name, sdkId, signingName, version, target, namespace, protocols, queryCompatible } = compiled;
  return {
    name,
    sdkId,
    signingName,
    version,
    target,
    namespace,
    xmlNamespace: compiled.xmlNamespace ?? undefined,
    protocols,
    queryCompatible,
    operations,
    errors,
  };
}

function linkOperation(name: string, input: () => Struct, output: () => Struct, traits: Traits, unsigned: boolean): OperationModel {
  const http = traits['http'] as [method: string, uri: string, code: number] | undefined;
  const linkedInput = lazy(input);
  const linkedOutput = lazy(output);
  const streamingInput = lazy(() => linkedInput().members.find(isStreaming));
  const streamingOutput = lazy(() => linkedOutput().members.find(isStreaming));
  return {
    name,
    http: http && { method: http[0], uri: http[1], code: http[2] },
    unsigned,
    get input() {
      return linkedInput();
    },
    get output() {
      return linkedOutput();
    },
    get streamingInput() {
      return streamingInput();
    },
    get streamingOutput() {
      return streamingOutput();
    },
  };
}

/** A byte stream, or an event stream: a union of events. */
function isStreaming(member: Member): boolean {
  const { shape } = member;
  return shape.kind === 'blob' ? shape.streaming : isEventStream(member);
}

export function isEventStream(member: Member): boolean {
  return member.shape.kind === 'struct' && member.shape.union && member.traits['streaming'] !== undefined;
}

function shapeResolver(compiled: CompiledModel): (ref: Ref) => Shape {
  const linked: (Shape | undefined)[] = new Array(compiled.shapes.length);
  const simple = new Map<number, Shape>();
  const shapeTraits = (kind: Shape['kind']): Traits => shapeTraitsOf(compiled.name, kind) ?? NO_TRAITS;
  const resolve = (ref: Ref): Shape => {
    if (ref === null) return UNIT;
    if (ref >= SHAPE_BASE) {
      const at = ref - SHAPE_BASE;
      return (linked[at] ??= linkShape(compiled.shapes[at] as CompiledShape, resolve, shapeTraits));
    }
    let shape = simple.get(ref);
    if (shape === undefined) simple.set(ref, (shape = simpleShape(ref, shapeTraits)));
    return shape;
  };
  return resolve;
}

function simpleShape(ref: number, shapeTraits: (kind: Shape['kind']) => Traits): Shape {
  if (ref >= MAP_OF)
    return {
      kind: 'map',
      name: 'map',
      traits: NO_TRAITS,
      key: plainMember('key', simpleShape(0, shapeTraits)),
      value: plainMember('value', simpleShape(ref - MAP_OF, shapeTraits)),
    };
  if (ref >= LIST_OF)
    return { kind: 'list', name: 'list', traits: NO_TRAITS, member: plainMember('member', simpleShape(ref - LIST_OF, shapeTraits)) };
  const format = TIMESTAMP_FORMATS[ref];
  if (format !== undefined) return { kind: 'timestamp', traits: format === 'default' ? shapeTraits('timestamp') : NO_TRAITS, format };
  switch (ref) {
    case 0:
      return { kind: 'string', traits: NO_TRAITS };
    case 1:
      return { kind: 'number', traits: shapeTraits('number') };
    case 2:
      return { kind: 'boolean', traits: NO_TRAITS };
    case 15:
      return { kind: 'document', traits: NO_TRAITS };
    case 17:
      return { kind: 'bigint', traits: NO_TRAITS };
    case 19:
      return { kind: 'bigdecimal', traits: NO_TRAITS };
    case 21:
      return { kind: 'blob', traits: NO_TRAITS, streaming: false };
    case 42:
      return { kind: 'blob', traits: NO_TRAITS, streaming: true };
    default:
      throw new Error(`the simple shape ${ref} is unknown`);
  }
}

function plainMember(name: string, shape: Shape): Member {
  return { name, required: false, traits: shape.traits, ownTraits: NO_TRAITS, shape };
}

function linkShape(compiled: CompiledShape, resolve: (ref: Ref) => Shape, shapeTraits: (kind: Shape['kind']) => Traits): Shape {
  const name = compiled[1];
  const traits = expandTraits(compiled[2]);
  switch (compiled[0]) {
    case 0: {
      const of = resolve(compiled[3]);
      const shape = { ...of, traits: { ...of.traits, ...traits } };
      if (shape.kind === 'blob' && traits['streaming'] !== undefined) shape.streaming = true;
      return shape as Shape;
    }
    case 1:
      return { kind: 'list', name, traits, member: linkMember('member', compiled[3], false, resolve) };
    case 2:
      return {
        kind: 'map',
        name,
        traits,
        key: linkMember('key', compiled[3], false, resolve),
        value: linkMember('value', compiled[4], false, resolve),
      };
    default: {
      const [kind, , , names, refs, required] = compiled;
      const members = names.map((member, at) => linkMember(member, refs[at] as MemberRef, at < required, resolve));
      const union = kind === 4;
      const extra = union ? shapeTraits('struct') : NO_TRAITS;
      return {
        kind: 'struct',
        name,
        traits: { ...extra, ...traits },
        union,
        error: kind === -3,
        members,
        byName: new Map(members.map((member) => [member.name, member])),
      };
    }
  }
}

function linkMember(name: string, ref: MemberRef, required: boolean, resolve: (ref: Ref) => Shape): Member {
  const ownTraits = Array.isArray(ref) ? expandTraits(ref[1]) : NO_TRAITS;
  const target = Array.isArray(ref) ? ref[0] : ref;
  const shape = lazy(() => resolve(target));
  const traits = lazy(() => withShapeTraits(ownTraits, shape().traits));
  return {
    name,
    required,
    ownTraits,
    get traits() {
      return traits();
    },
    get shape() {
      return shape();
    },
  };
}

function withShapeTraits(own: Traits, ofShape: Traits): Traits {
  if (ofShape === NO_TRAITS) return own;
  const { xmlName: _element, ...inherited } = ofShape;
  return { ...inherited, ...own };
}

function expandTraits(traits: CompiledTraits): Traits {
  if (typeof traits !== 'number') return traits;
  if (traits === 0) return NO_TRAITS;
  let expanded = traitVectors.get(traits);
  if (expanded === undefined) {
    expanded = Object.freeze(Object.fromEntries(TRAIT_BITS.filter((_, bit) => (traits >> bit) & 1).map((name) => [name, 1])));
    traitVectors.set(traits, expanded);
  }
  return expanded;
}

/** Shapes may be recursive, and most are never reached: a value is made when it is first asked for. */
function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  let done = false;
  return () => {
    if (!done) {
      made = make();
      done = true;
    }
    return made as T;
  };
}
