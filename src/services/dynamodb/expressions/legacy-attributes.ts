/** AttributesToGet and AttributeUpdates, from before there were expressions. */

import type { AttributeAction, AttributeValueUpdate } from '@aws-sdk/client-dynamodb';
import { admitAttributeName, admitValue } from '../values/admit.ts';
import { attributeOf, newItem, typeOf, type AttributeValue, type Item, type ValueType } from '../values/attribute-value.ts';
import { invalidParameters } from '../values/errors.ts';
import type { CompiledProjection, CompiledUpdate } from './contract.ts';
import { projector } from './paths.ts';
import { projectionOf } from './projection.ts';
import { combineLegacy } from './update.ts';

/** Throws a ValidationException when an attribute is named twice. */
export function attributesToGet(names: readonly string[]): CompiledProjection {
  const seen = new Set<string>();
  for (const name of names) {
    admitAttributeName(name);
    if (seen.has(name)) throw invalidParameters(`Duplicate value in attribute name: ${name}`);
    seen.add(name);
  }
  return projectionOf(names.map((name) => [name]));
}

type Change = { readonly name: string; readonly action: AttributeAction; readonly value: AttributeValue | undefined };

const addable: ReadonlySet<ValueType> = new Set<ValueType>(['L', 'SS', 'NS', 'BS', 'N']);
const deletable: ReadonlySet<ValueType> = new Set<ValueType>(['SS', 'NS', 'BS']);

/** Throws a ValidationException. */
export function attributeUpdates(updates: Record<string, AttributeValueUpdate>): CompiledUpdate {
  const changes = Object.entries(updates).map(([name, update]) => checkChange(name, update));
  const assignedTypes = new Map<string, ValueType>();
  for (const { name, value } of changes) if (value !== undefined) assignedTypes.set(name, typeOf(value)!);
  const paths = changes.map(({ name }) => [name]);
  return {
    heads: new Set(changes.map(({ name }) => name)),
    nestedHeads: new Set(),
    paths,
    assignedTypes,
    apply: (item) => applyChanges(changes, item),
    touched: projector(paths),
  };
}

function checkChange(name: string, update: AttributeValueUpdate): Change {
  admitAttributeName(name);
  const value = update.Value === undefined ? undefined : admitValue(update.Value);
  const action = update.Action ?? 'PUT';
  if (value === undefined) {
    if (action !== 'DELETE') throw invalidParameters('Only DELETE action is allowed when no attribute value is specified');
    return { name, action, value };
  }
  const type = typeOf(value)!;
  if (action === 'DELETE' && !deletable.has(type)) {
    throw invalidParameters(`DELETE action with value is not supported for the type ${type}`);
  }
  if (action === 'ADD' && !addable.has(type)) throw invalidParameters(`ADD action is not supported for the type ${type}`);
  return { name, action, value };
}

function applyChanges(changes: readonly Change[], item: Item): Item {
  const next = newItem();
  for (const name of Object.keys(item)) next[name] = item[name]!;
  for (const { name, action, value } of changes) {
    const changed =
      value === undefined || action === 'PUT' ? value : combineLegacy(action === 'ADD' ? 'add' : 'delete', attributeOf(item, name), value);
    if (changed === undefined) delete next[name];
    else next[name] = changed;
  }
  return next;
}
