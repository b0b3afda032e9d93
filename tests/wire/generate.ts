/** Random values by schema, repeatable from a seed. */

import type { Member, Shape, Struct } from '../../src/protocols/model.ts';
import { isEventStream } from '../../src/protocols/link.ts';

export type Chance = () => number;

/** A small generator (mulberry32), so that every failure can be repeated from its seed. */
export function chanceFrom(seedText: string): Chance {
  let state = 0x9e3779b9;
  for (const character of seedText) state = Math.imul(state ^ character.charCodeAt(0), 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PLAIN = [...'abcdefghij0123456789'];
const ODD = [...PLAIN, ' ', 'é', '<', '&', '>', '"', "'", '+', '%', '=', '/', '😀', '한', '\n', '\t', ']'];

/** Beyond these depths trees thin out, and end. */
const THIN_DEPTH = 6;
const DEPTH_MAX = 24;

export type Generated = Record<string, unknown>;

export function generateStruct(chance: Chance, struct: Struct): Generated {
  return structValue(chance, struct, 0, false) as Generated;
}

function below(chance: Chance, limit: number): number {
  return Math.floor(chance() * limit);
}

function text(chance: Chance, plain: boolean): string {
  const alphabet = plain ? PLAIN : ODD;
  let made = '';
  for (let left = 3 + below(chance, 6); left > 0; left--) made += alphabet[below(chance, alphabet.length)];
  // White space at the ends is a matter of headers and layout, not of the codec.
  return plain ? made : `x${made}y`;
}

function value(chance: Chance, shape: Shape, depth: number, plain: boolean): unknown {
  switch (shape.kind) {
    case 'string':
      return shape.traits['mediaType'] === undefined ? text(chance, plain) : '{"a":1}';
    case 'number':
      return below(chance, 100_000) - 100;
    case 'boolean':
      return chance() < 0.5;
    case 'bigint':
      return BigInt(below(chance, 1000));
    case 'bigdecimal':
      return below(chance, 100);
    case 'timestamp':
      return new Date(1.6e12 + below(chance, 1e6) * 1000);
    case 'blob':
      return Buffer.from(text(chance, true));
    case 'document':
      return { a: [1, 'x', { b: true }] };
    case 'list':
      return Array.from({ length: depth > DEPTH_MAX ? 0 : depth > 9 ? 1 : 1 + below(chance, 2) }, () =>
        value(chance, shape.member.shape, depth + 1, plain),
      );
    case 'map':
      return mapValue(chance, shape, depth, plain);
    case 'struct':
      return shape.union ? unionValue(chance, shape, depth, plain) : structValue(chance, shape, depth, plain);
  }
}

function mapValue(chance: Chance, shape: Shape & { kind: 'map' }, depth: number, plain: boolean): Generated {
  const map: Generated = {};
  for (let left = depth > DEPTH_MAX ? 0 : 1 + below(chance, 2); left > 0; left--)
    map[text(chance, true)] = value(chance, shape.value.shape, depth + 1, plain);
  return map;
}

function unionValue(chance: Chance, struct: Struct, depth: number, plain: boolean): Generated {
  const usable = struct.members.filter((member) => !isEventStream(member) && (depth < 8 || !isAggregate(member.shape)));
  // Where only lists and structures are left, a list can end the tree.
  const member =
    usable[below(chance, usable.length)] ??
    struct.members.find((candidate) => candidate.shape.kind === 'list') ??
    (struct.members[0] as Member);
  return { [member.name]: value(chance, member.shape, depth + 1, plain) };
}

function structValue(chance: Chance, struct: Struct, depth: number, plain: boolean): Generated {
  const made: Generated = {};
  if (depth > DEPTH_MAX) return made;
  const likelihood = depth === 0 ? 0.7 : depth < 3 ? 0.5 : 0.25;
  for (const member of struct.members) {
    if (isEventStream(member) || (!member.required && depth > THIN_DEPTH && isAggregate(member.shape))) continue;
    if (!alwaysThere(member) && chance() > likelihood) continue;
    made[member.name] =
      member.traits['httpResponseCode'] === undefined ? value(chance, member.shape, depth + 1, plain || travelsInHead(member)) : 200;
  }
  if (depth > 0 && Object.keys(made).length === 0) fill(chance, struct, depth, plain, made);
  return made;
}

/** What clients fill in or show whether it is given or not: tokens, the status, the stream. */
function alwaysThere(member: Member): boolean {
  return (
    member.required ||
    ['idempotencyToken', 'httpResponseCode', 'streaming'].some((trait) => member.traits[trait] !== undefined) ||
    (member.shape.kind === 'blob' && member.shape.streaming)
  );
}

/** An empty structure cannot be told from an absent one in every protocol: it gets one member. */
function fill(chance: Chance, struct: Struct, depth: number, plain: boolean, made: Generated): void {
  const usable = struct.members.filter((member) => !isEventStream(member));
  const member =
    usable.find((candidate) => !isAggregate(candidate.shape)) ?? usable.find((candidate) => candidate.shape.kind !== 'struct') ?? usable[0];
  if (member !== undefined) made[member.name] = value(chance, member.shape, depth + 1, plain);
}

function travelsInHead(member: Member): boolean {
  return ['httpHeader', 'httpLabel', 'httpQuery', 'httpPrefixHeaders', 'httpQueryParams', 'hostLabel'].some(
    (trait) => member.traits[trait] !== undefined,
  );
}

function isAggregate(shape: Shape): boolean {
  return shape.kind === 'list' || shape.kind === 'map' || shape.kind === 'struct';
}
