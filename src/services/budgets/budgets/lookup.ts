/** Whose a budget is, and whether it is there. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { accessDenied, budgetNotFound } from '../errors.ts';
import { budgets, type Budget } from '../tables.ts';

/** Budgets are an account's own. Throws AccessDeniedException for another's. */
export function checkAccount({ account }: ServiceRequest, asked: string): void {
  if (asked !== account) throw accessDenied(`Account ${account} is not authorized to access the budgets of account ${asked}`);
}

/** Throws NotFoundException. */
export async function requireBudget(tx: ReadTransaction, account: string, name: string): Promise<Budget> {
  const budget = await budgets.get(tx, account, name);
  if (!budget) throw budgetNotFound(account, name);
  return budget;
}
