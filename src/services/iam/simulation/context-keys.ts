/** The context keys that policies ask for, in conditions and in policy variables. */

import type { PolicyDocument } from '../../../framework/policy/document.ts';

const variable = /\$\{([^},]+)[^}]*\}/g;

/** Every key once, as the first policy writes it. */
export function contextKeys(documents: readonly PolicyDocument[]): string[] {
  const keys = new Map<string, string>();
  const add = (key: string) => {
    if (key.includes(':') && !keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key);
  };
  for (const { statements } of documents) {
    for (const statement of statements) {
      for (const { key, values } of statement.conditions) {
        add(key);
        for (const value of values) for (const [, name] of value.matchAll(variable)) add(name!);
      }
      for (const resource of [...(statement.resources ?? []), ...(statement.notResources ?? [])])
        for (const [, name] of resource.matchAll(variable)) add(name!);
    }
  }
  return [...keys.values()];
}
