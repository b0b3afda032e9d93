/** Checks that required members are there, deep inside too. */

import type { Member, Shape, Struct } from './model.ts';

/** Adds the path of each required member that is missing: `tags.1.member.key`, as Coral's validation words it. */
type Check = (value: unknown, path: string, missing: string[]) => void;

/** An answer that names more would only be long. */
const MISSING_MAX = 100;

const NOTHING: Check = () => {};

const checks = new WeakMap<Shape, Check>();
const demanding = new WeakMap<Shape, boolean>();

/** Paths of the required members that the input lacks, in the schema's order; member names begin in lower case. */
export function missingMembers(input: Struct, value: Record<string, unknown>): string[] {
  const missing: string[] = [];
  checkOf(input)(value, '', missing);
  return missing;
}

function checkOf(shape: Shape): Check {
  let check = checks.get(shape);
  if (check === undefined) checks.set(shape, (check = demandsAnything(shape, new Set()) ? makeCheck(shape) : NOTHING));
  return check;
}

function makeCheck(shape: Shape): Check {
  if (shape.kind === 'list') {
    const { member } = shape;
    return (value, path, missing) => {
      for (const [at, item] of (value as unknown[]).entries())
        if (item !== null) checkOf(member.shape)(item, `${path}.${at + 1}.member`, missing);
    };
  }
  if (shape.kind === 'map') {
    const { value: held } = shape;
    return (value, path, missing) => {
      for (const [key, item] of Object.entries(value as object))
        if (item !== null) checkOf(held.shape)(item, `${path}.${key}.member`, missing);
    };
  }
  return shape.kind === 'struct' ? structCheck(shape) : NOTHING;
}

function structCheck(struct: Struct): Check {
  const members = struct.members.filter((member) => member.required || demandsAnything(member.shape, new Set()));
  return (value, path, missing) => {
    const values = value as Record<string, unknown>;
    if (missing.length >= MISSING_MAX) return;
    for (const member of members) {
      const held = values[member.name];
      if (held !== undefined && held !== null) {
        const check = checkOf(member.shape);
        if (check !== NOTHING) check(held, pathOf(path, member), missing);
      } else if (member.required) missing.push(pathOf(path, member));
    }
  };
}

function pathOf(path: string, member: Member): string {
  const name = member.name.charAt(0).toLowerCase() + member.name.slice(1);
  return path === '' ? name : `${path}.${name}`;
}

/** Whether any required member can be met below; most trees (DynamoDB's items) have none and are never walked. Streams are not waited for. */
function demandsAnything(shape: Shape, walking: Set<Shape>): boolean {
  const known = demanding.get(shape);
  if (known !== undefined) return known;
  if (walking.has(shape)) return false;
  walking.add(shape);
  const demands = childrenOf(shape).some((member) => member.required || demandsAnything(member.shape, walking));
  walking.delete(shape);
  // Within a cycle a false may only mean "not on this way round"; it is certain for the outermost shape alone.
  if (demands || walking.size === 0) demanding.set(shape, demands);
  return demands;
}

function childrenOf(shape: Shape): readonly Member[] {
  if (shape.kind === 'struct') return shape.union && shape.traits['streaming'] !== undefined ? [] : shape.members;
  if (shape.kind === 'list') return [shape.member];
  return shape.kind === 'map' ? [shape.value] : [];
}
