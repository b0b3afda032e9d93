/** How names of an expression meet the names of the data: case matters where they are quoted. */

import { selectError } from './errors.ts';
import type { Step } from './syntax.ts';

export function isNameOf(step: Step, name: string): boolean {
  return 'name' in step && (step.quoted ? step.name === name : step.name.toLowerCase() === name.toLowerCase());
}

/** The name that a step means; undefined where there is none. Throws AmbiguousFieldName. */
export function chosenName(step: Step, names: readonly string[]): string | undefined {
  if (!('name' in step) || names.includes(step.name)) return 'name' in step ? step.name : undefined;
  if (step.quoted) return undefined;
  const found = names.filter((name) => isNameOf(step, name));
  if (found.length > 1) throw selectError('AmbiguousFieldName');
  return found[0];
}
