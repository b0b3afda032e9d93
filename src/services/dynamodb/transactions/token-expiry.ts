/** Forgets the client request tokens of transactions that were answered long enough ago. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { transactionTokens } from '../tables.ts';

const tokensPerPage = 500;

export const tokenExpiry: Reconciler = {
  name: 'dynamodb/token-expiry',
  watches: [transactionTokens],
  run: async ({ store, now, signal }) => {
    while (!signal.aborted) {
      const first = await store.read((tx) => transactionTokens.scanIndex(tx, 'expires', [], { limit: tokensPerPage }));
      const due = first.filter(({ row }) => row.expires <= now);
      await store.write(async (tx) => {
        for (const { row } of due) {
          const present = await transactionTokens.get(tx, row.account, row.region, row.token);
          if (present && present.expires <= now) await transactionTokens.delete(tx, row.account, row.region, row.token);
        }
      });
      if (due.length < tokensPerPage) {
        const next = first.find(({ row }) => row.expires > now);
        return next ? { nextAt: next.row.expires } : undefined;
      }
    }
  },
};
