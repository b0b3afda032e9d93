/** Values that nobody changes any more, and what is made of them: it is remembered for as long as they are. */

import { frozen } from '../store/table.ts';

const marked = new WeakSet<object>();

/** Says of a value that it will be written more than once as it is: it is frozen, and writers may remember its text. */
export function lasting<Held extends object>(value: Held): Held {
  marked.add(frozen(value));
  return value;
}

export const isLasting = (value: object): boolean => marked.has(value);

/**
 * Remembers what was last made of a frozen value, and makes it anew when one of the parts is another one than then. Parts are told apart
 * by identity, so they are to be frozen too. Of a value that is not frozen nothing is remembered.
 */
export function rememberMade<Made>(): (from: object, parts: readonly unknown[], make: () => Made) => Made {
  const memory = new WeakMap<object, { parts: readonly unknown[]; made: Made }>();
  return (from, parts, make) => {
    const known = memory.get(from);
    if (known && known.parts.length === parts.length && parts.every((part, at) => part === known.parts[at])) return known.made;
    const made = make();
    if (Object.isFrozen(from)) memory.set(from, { parts, made });
    return made;
  };
}
