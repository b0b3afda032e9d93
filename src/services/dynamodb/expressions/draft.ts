/** An item under change: what is written is copied first, and indexes into lists mean the list as it was. */

import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { validationException } from '../values/errors.ts';
import { valueIn } from './binding.ts';
import type { Path } from './contract.ts';

type Edits = Map<number, AttributeValue | undefined>;

const invalidPath = (): Error => validationException('The document path provided in the update expression is invalid for update');

export class Draft {
  /** The item as it was; it stays so. */
  readonly before: Item;
  readonly #root: { M: Item };
  /** Maps and lists that are copies already. */
  readonly #copies = new Set<AttributeValue>();
  /** What is to happen to the elements of each list, by their old indexes; undefined takes one out. */
  readonly #edits = new Map<AttributeValue, Edits>();

  constructor(item: Item) {
    this.before = item;
    this.#root = { M: copyMap(item) };
    this.#copies.add(this.#root);
  }

  /** Throws when the path's last step has nothing to stand in. */
  requireParent(path: Path): AttributeValue {
    let parent: AttributeValue = this.#root;
    for (let index = 0; index < path.length - 1; index++) {
      const step = path[index]!;
      const child = valueIn(parent, step);
      if (child === undefined) throw invalidPath();
      parent = this.#copyIn(parent, step, child);
    }
    if ((typeof path.at(-1) === 'number' ? parent.L : parent.M) === undefined) throw invalidPath();
    return parent;
  }

  /** Puts a value at the path, or takes away what is there. Throws when the path leads nowhere. */
  set(path: Path, value: AttributeValue | undefined): void {
    const parent = this.requireParent(path);
    const last = path.at(-1)!;
    if (typeof last === 'number') {
      let edits = this.#edits.get(parent);
      if (edits === undefined) this.#edits.set(parent, (edits = new Map()));
      edits.set(last, value);
    } else if (value === undefined) delete parent.M![last];
    else parent.M![last] = value;
  }

  /** The item with all changes. Elements beyond the end of a list are appended in the order of their indexes. */
  finish(): Item {
    for (const [list, edits] of this.#edits) {
      const old = list.L!;
      const kept = old.map((member, index) => (edits.has(index) ? edits.get(index) : member));
      const beyond = [...edits].filter(([index]) => index >= old.length).toSorted(([one], [other]) => one - other);
      const next = [...kept, ...beyond.map(([, value]) => value)];
      list.L = next.filter((member) => member !== undefined);
    }
    return this.#root.M;
  }

  #copyIn(parent: AttributeValue, step: string | number, child: AttributeValue): AttributeValue {
    if (this.#copies.has(child)) return child;
    if (child.M === undefined && child.L === undefined) return child;
    const copy: AttributeValue = child.M === undefined ? { L: [...child.L!] } : { M: copyMap(child.M) };
    this.#copies.add(copy);
    if (typeof step === 'number') parent.L![step] = copy;
    else parent.M![step] = copy;
    return copy;
  }
}

function copyMap(map: Item): Item {
  const copy = newItem();
  for (const name of Object.keys(map)) copy[name] = map[name]!;
  return copy;
}
