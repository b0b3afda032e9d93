/** What statements need to be allowed: an action of their own for each kind, on the table or index that they name. */

import type { AttributeValue } from '../values/attribute-value.ts';
import type { Plan, SelectPlan } from './contract.ts';
import { parseStatement } from './parser.ts';

export type Permission = {
  action: 'PartiQLSelect' | 'PartiQLInsert' | 'PartiQLUpdate' | 'PartiQLDelete';
  table: string;
  index: string | undefined;
  /** Whether it is a full scan shows only with the keys of the table: `readsOf` tells. */
  read: SelectPlan | undefined;
};

const actions = {
  select: 'PartiQLSelect',
  insert: 'PartiQLInsert',
  update: 'PartiQLUpdate',
  delete: 'PartiQLDelete',
  exists: 'PartiQLSelect',
} as const satisfies Record<Plan['kind'], string>;

/** Undefined for a statement that is not well formed: it names nothing, and the operation refuses it by itself. */
export function permissionOf(statement: string, parameters: readonly AttributeValue[] | undefined): Permission | undefined {
  let plan: Plan;
  try {
    plan = parseStatement(statement, parameters);
  } catch {
    // The operation parses it again and answers with what is wrong.
    return undefined;
  }
  const target = plan.kind === 'exists' ? plan.select : plan;
  const read = target.kind === 'select' ? target : undefined;
  return { action: actions[plan.kind], table: target.table, index: read?.index, read };
}
