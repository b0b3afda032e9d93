/**
 * How DynamoDB reads JSON that the schema's own reader refuses: texts stand for booleans, and what is left is
 * refused in words that tell where in the schema the value stood. Never on the way of a call that is in order.
 */

import { depthMax } from './limits.ts';
import { bytesFromBase64 } from './scalars.ts';
import type { Member, Shape, Struct } from './model.ts';
import { WireFault } from './wire-fault.ts';

/** A value stands in a structure, in a list or map of a structure, or deeper in one of those. */
type Place = 'member' | 'element' | 'nested';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** The input as DynamoDB takes it. Throws WireFault in DynamoDB's words. `classes` is the Java package of its shapes. */
export function coralInput(input: Struct, json: unknown, classes: string): Record<string, unknown> {
  return readStruct(input, json as Json, 'member', classes, 1) as Record<string, unknown>;
}

const fault = (sentence: string): WireFault => new WireFault('value', sentence);
const structureFound = (): WireFault => fault('Start of structure or map found where not expected');
const castFailed = (): WireFault =>
  fault(
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')",
  );

function read(shape: Shape, json: Json, place: Place, classes: string, depth: number, member?: Member): unknown {
  if (depth > depthMax) throw new WireFault('limit', `The input is nested deeper than ${depthMax} levels`);
  switch (shape.kind) {
    case 'struct':
      return readStruct(shape, json, place, classes, depth);
    case 'list':
      return readList(shape.member.shape, json, place, classes, depth);
    case 'map':
      return readMap(shape.value.shape, json, place, classes, depth);
    case 'blob':
      return readBlob(json);
    case 'boolean':
      return readBoolean(json);
    case 'string':
      return readString(json);
    default:
      return readNumber(json, member);
  }
}

function readStruct(struct: Struct, json: Json, place: Place, classes: string, depth: number): unknown {
  if (Array.isArray(json)) throw fault(`Unrecognized collection type class ${classes}.${struct.name}`);
  if (typeof json !== 'object' || json === null)
    throw fault(place === 'member' ? 'Unexpected field type' : 'Unexpected value type in payload');
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    const member = struct.byName.get(name);
    if (member && value !== null) values[name] = read(member.shape, value, 'member', classes, depth + 1, member);
  }
  return values;
}

/** Lists and maps in lists and maps have a type that DynamoDB's reader stumbles over. */
function refuseScalar(json: Json, place: Place): void {
  if (typeof json !== 'object' || json === null) throw place === 'member' ? fault('Unexpected field type') : castFailed();
}

function readList(element: Shape, json: Json, place: Place, classes: string, depth: number): unknown {
  refuseScalar(json, place);
  if (!Array.isArray(json)) throw structureFound();
  if (json.includes(null)) throw fault('NULL_VALUE is not allowed in a list');
  return json.map((value) => read(element, value, inside(place), classes, depth + 1));
}

function readMap(element: Shape, json: Json, place: Place, classes: string, depth: number): unknown {
  refuseScalar(json, place);
  if (Array.isArray(json)) throw fault(`Unrecognized collection type java.util.Map<java.lang.String, ${javaName(element, classes)}>`);
  const values = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(json as object))
    if (value !== null) values[name] = read(element, value as Json, inside(place), classes, depth + 1);
  return values;
}

const inside = (place: Place): Place => (place === 'member' ? 'element' : 'nested');

function javaName(shape: Shape, classes: string): string {
  if (shape.kind === 'list') return `java.util.List<${javaName(shape.member.shape, classes)}>`;
  return shape.kind === 'struct' ? `${classes}.${shape.name}` : 'java.lang.String';
}

function readBlob(json: Json): unknown {
  if (Array.isArray(json)) throw fault('Unrecognized collection type class java.nio.ByteBuffer');
  if (typeof json === 'object') throw structureFound();
  if (typeof json !== 'string') throw fault('only base-64-encoded strings are convertible to bytes');
  if (json.length % 4 !== 0) throw fault(`Base64 encoded length is expected a multiple of 4 bytes but found: ${json.length}`);
  try {
    return bytesFromBase64(json);
  } catch {
    throw fault('Invalid last non-pad Base64 character dectected'); // AWS's spelling
  }
}

const truths: ReadonlySet<string> = new Set(['TRUE', '1', 'YES']);
const untruths: ReadonlySet<string> = new Set(['FALSE', '0', 'NO']);

function readBoolean(json: Json): unknown {
  if (typeof json === 'boolean') return json;
  if (typeof json !== 'string') throw unconvertible(json, 'Boolean');
  const text = json.toUpperCase();
  if (truths.has(text)) return true;
  if (untruths.has(text)) return false;
  throw fault('Unexpected token received from parser');
}

function readString(json: Json): unknown {
  if (typeof json === 'string') return json;
  throw unconvertible(json, 'String');
}

/** Units of capacity are Java's longs, all other numbers of requests integers; the schema does not tell them apart. */
function readNumber(json: Json, member: Member | undefined): unknown {
  if (typeof json === 'number' && Number.isFinite(json)) return json;
  throw unconvertible(json, member?.name.endsWith('Units') ? 'Long' : 'Integer');
}

function unconvertible(json: Json, wanted: string): WireFault {
  if (Array.isArray(json)) return fault(`Unrecognized collection type class java.lang.${wanted}`);
  if (typeof json === 'object') return structureFound();
  return fault(`${tokenName(json)} cannot be converted to ${wanted}`);
}

function tokenName(json: string | number | boolean): string {
  if (typeof json === 'string') return 'STRING_VALUE';
  if (typeof json === 'number') return Number.isInteger(json) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return json ? 'TRUE_VALUE' : 'FALSE_VALUE';
}
