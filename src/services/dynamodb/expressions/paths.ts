/** Which paths stand in each other's way, and what of an item lies at many paths at once. */

import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { showPath, valueIn } from './binding.ts';
import type { Path } from './contract.ts';

/** AWS's sentence when two paths name the same thing, or else use one thing both as a list and as a map. */
export function pathFault(paths: readonly Path[]): string | undefined {
  let conflict: string | undefined;
  for (let later = 1; later < paths.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const relation = relate(paths[earlier]!, paths[later]!);
      if (relation === 'apart' || (relation === 'conflict' && conflict !== undefined)) continue;
      const fault =
        `Two document paths ${relation} with each other; must remove or rewrite one of these paths; ` +
        `path one: ${showPath(paths[earlier]!)}, path two: ${showPath(paths[later]!)}`;
      if (relation === 'overlap') return fault;
      conflict = fault;
    }
  }
  return conflict;
}

function relate(one: Path, other: Path): 'apart' | 'conflict' | 'overlap' {
  for (let index = 0; index < one.length && index < other.length; index++) {
    if (typeof one[index] !== typeof other[index]) return 'conflict';
    if (one[index] !== other[index]) return 'apart';
  }
  return 'overlap';
}

/** What is wanted below one step: all of it, or some steps further. */
type Wanted = { whole: boolean; readonly below: Map<string | number, Wanted> };

/** A function that keeps what lies at the paths. Elements of lists move together. */
export function projector(paths: readonly Path[]): (item: Item) => Item {
  const root: Wanted = { whole: false, below: new Map() };
  for (const path of paths) {
    let wanted = root;
    for (const step of path) {
      let next = wanted.below.get(step);
      if (next === undefined) wanted.below.set(step, (next = { whole: false, below: new Map() }));
      wanted = next;
    }
    wanted.whole = true;
  }
  return (item) => pickFromMap(item, root) ?? newItem();
}

function pick(value: AttributeValue, wanted: Wanted): AttributeValue | undefined {
  if (wanted.whole) return value;
  if (value.M !== undefined) {
    const map = pickFromMap(value.M, wanted);
    return map === undefined ? undefined : { M: map };
  }
  if (value.L === undefined) return undefined;
  const indexes = [...wanted.below.keys()].filter((step) => typeof step === 'number').toSorted((one, other) => one - other);
  const picked: AttributeValue[] = [];
  for (const index of indexes) {
    const member = valueIn(value, index);
    const part = member === undefined ? undefined : pick(member, wanted.below.get(index)!);
    if (part !== undefined) picked.push(part);
  }
  return picked.length === 0 ? undefined : { L: picked };
}

function pickFromMap(map: Item, wanted: Wanted): Item | undefined {
  let picked: Item | undefined;
  for (const [step, next] of wanted.below) {
    if (typeof step === 'number' || !Object.hasOwn(map, step)) continue;
    const part = pick(map[step]!, next);
    if (part !== undefined) (picked ??= newItem())[step] = part;
  }
  return picked;
}
