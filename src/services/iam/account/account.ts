/** What IAM keeps of an account as a whole: its alias, its password policy, its counts. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { accounts, type Account } from '../tables.ts';

/** The account's record, or how a new account begins. */
export async function loadAccount(tx: ReadTransaction, request: ServiceRequest): Promise<Account> {
  return (
    (await accounts.get(tx, request.account)) ?? { account: request.account, createdAt: request.now, globalTokenVersion: 1, counts: {} }
  );
}
