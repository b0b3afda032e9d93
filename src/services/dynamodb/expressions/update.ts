/** Turns a parsed UpdateExpression into a function from an item to the next one. */

import { checkNesting } from '../values/admit.ts';
import { attributeOf, typeOf, type AttributeValue, type Item, type KeyType, type ValueType } from '../values/attribute-value.ts';
import { bytesAsText } from '../values/compare.ts';
import { addNumbers, subtractNumbers } from '../values/decimal.ts';
import { validationException } from '../values/errors.ts';
import { MentionedPaths, valueAt, type Binding } from './binding.ts';
import type { CompiledUpdate, Path } from './contract.ts';
import { Draft } from './draft.ts';
import { projector } from './paths.ts';
import type { Section } from './syntax.ts';
import { bindUpdate, typeOfSetValue, type BoundAction, type BoundSetValue } from './update-checks.ts';

const wrongOperand = (): Error => validationException('An operand in the update expression has an incorrect data type');
const noSuchAttribute = (): Error => validationException('The provided expression refers to an attribute that does not exist in the item');
const wrongIndexKey = (): Error =>
  validationException('The update expression attempted to update the secondary index key to unsupported type');

/** Throws ExpressionFault for what names and values show to be wrong. */
export function compileUpdate(sections: readonly Section[], binding: Binding): CompiledUpdate {
  return updateOf(bindUpdate(sections, binding));
}

/** The update that consists of the actions. */
export function updateOf(actions: readonly BoundAction[]): CompiledUpdate {
  const mentions = new MentionedPaths();
  const assignedTypes = new Map<string, ValueType>();
  for (const action of actions) {
    mentions.add(action.path);
    if (action.kind === 'set') mentionNested(action.value, mentions.nestedHeads);
    const type = assignedType(action);
    if (action.path.length === 1 && type !== undefined) assignedTypes.set(action.path[0] as string, type);
  }
  const paths = actions.map((action) => action.path);
  return {
    heads: mentions.heads,
    nestedHeads: mentions.nestedHeads,
    paths,
    assignedTypes,
    apply: (item, indexKeys) => applyActions(actions, item, indexKeys),
    touched: projector(paths),
  };
}

/** Key attributes may be read by an update, but not reached into. */
function mentionNested(value: BoundSetValue, nestedHeads: Set<string>): void {
  if (value.kind === 'path' && value.path.length > 1) nestedHeads.add(value.path[0] as string);
  if (value.kind === 'sum' || value.kind === 'call') for (const arg of value.args) mentionNested(arg, nestedHeads);
}

function assignedType(action: BoundAction): ValueType | undefined {
  if (action.kind === 'remove') return undefined;
  return action.kind === 'set' ? typeOfSetValue(action.value) : typeOf(action.value);
}

function applyActions(actions: readonly BoundAction[], item: Item, indexKeys: ReadonlyMap<string, KeyType> | undefined): Item {
  // All right sides are read from the item as it was, before anything is written.
  const values = actions.map((action) => (action.kind === 'set' ? evaluate(action.value, item) : undefined));
  const draft = new Draft(item);
  actions.forEach((action, index) => {
    const { path } = action;
    if (action.kind === 'set') {
      if (path.length === 1) checkIndexKey(path[0] as string, values[index]!, indexKeys);
      draft.set(path, values[index]);
    } else if (action.kind === 'remove') draft.set(path, undefined);
    else draft.set(path, combine(action.kind, valueToCombine(draft, path), action.value));
  });
  const next = draft.finish();
  for (const { kind, path } of actions) {
    const value = kind === 'set' ? attributeOf(next, path[0] as string) : undefined;
    if (value?.M !== undefined || value?.L !== undefined) checkNesting(value);
  }
  return next;
}

function valueToCombine(draft: Draft, path: Path): AttributeValue | undefined {
  draft.requireParent(path);
  return valueAt(draft.before, path);
}

function checkIndexKey(name: string, value: AttributeValue, indexKeys: ReadonlyMap<string, KeyType> | undefined): void {
  const type = indexKeys?.get(name);
  if (type !== undefined && value[type] === undefined) throw wrongIndexKey();
}

function evaluate(value: BoundSetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path': {
      const found = valueAt(item, value.path);
      if (found === undefined) throw noSuchAttribute();
      return found;
    }
    case 'sum': {
      const left = requireNumber(evaluate(value.args[0], item));
      const right = requireNumber(evaluate(value.args[1], item));
      return { N: value.operator === '+' ? addNumbers(left, right) : subtractNumbers(left, right) };
    }
    default: {
      const [first, second] = value.args;
      if (value.name === 'if_not_exists') {
        return (first!.kind === 'path' ? valueAt(item, first!.path) : undefined) ?? evaluate(second!, item);
      }
      const left = evaluate(first!, item).L;
      if (left === undefined) throw wrongOperand();
      const right = evaluate(second!, item).L;
      if (right === undefined) throw wrongOperand();
      return { L: [...left, ...right] };
    }
  }
}

function requireNumber(value: AttributeValue): string {
  if (value.N === undefined) throw wrongOperand();
  return value.N;
}

/** What ADD and DELETE make of a value; undefined when nothing is left. */
function combine(kind: 'add' | 'delete', existing: AttributeValue | undefined, operand: AttributeValue): AttributeValue | undefined {
  if (existing === undefined) return kind === 'add' ? operand : undefined;
  if (typeOf(existing) !== typeOf(operand)) throw wrongOperand();
  if (operand.N !== undefined) return { N: addNumbers(existing.N!, operand.N) };
  const combined = kind === 'add' ? unite : subtract;
  if (operand.SS !== undefined)
    return asSet(
      'SS',
      combined(existing.SS!, operand.SS, (member) => member),
    );
  if (operand.NS !== undefined)
    return asSet(
      'NS',
      combined(existing.NS!, operand.NS, (member) => member),
    );
  return asSet('BS', combined(existing.BS!, operand.BS!, bytesAsText));
}

function unite<T>(members: readonly T[], others: readonly T[], identity: (member: T) => string): T[] {
  const present = new Set(members.map(identity));
  return [...members, ...others.filter((member) => !present.has(identity(member)))];
}

function subtract<T>(members: readonly T[], others: readonly T[], identity: (member: T) => string): T[] {
  const removed = new Set(others.map(identity));
  return members.filter((member) => !removed.has(identity(member)));
}

function asSet(type: 'SS' | 'NS' | 'BS', members: readonly unknown[]): AttributeValue | undefined {
  return members.length === 0 ? undefined : (Object.assign(Object.create(null), { [type]: members }) as AttributeValue);
}

/** ADD and DELETE for the legacy AttributeUpdates, which refuse other types in other words. */
export function combineLegacy(
  kind: 'add' | 'delete',
  existing: AttributeValue | undefined,
  operand: AttributeValue,
): AttributeValue | undefined {
  if (existing !== undefined && typeOf(existing) !== typeOf(operand)) throw validationException('Type mismatch for attribute to update');
  if (operand.L !== undefined) return { L: [...(existing?.L ?? []), ...operand.L] };
  return combine(kind, existing, operand);
}
