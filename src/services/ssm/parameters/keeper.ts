/** Carries out what policies of parameters ask for when it is due: an expired parameter goes; notices are written down as given. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { parameters } from '../tables.ts';
import { remove } from './delete.ts';

const pageRows = 50;

export const keeper: Reconciler = {
  name: 'ssm/parameter-policies',
  watches: [parameters],
  run: async ({ store, clock, giveWay }) => {
    for (;;) {
      const now = clock.now();
      const nextAt = await store.write(async (tx) => {
        const due = await parameters.scanIndex(tx, 'byDue', [], { limit: pageRows });
        for (const { row } of due) {
          const over = row.policies.filter(({ dueAt, finished }) => !finished && dueAt <= now);
          if (over.some(({ type }) => type === 'Expiration')) await remove(tx, row, row.name);
          else if (over.length > 0) {
            const policies = row.policies.map((policy) => (over.includes(policy) ? { ...policy, finished: true as const } : policy));
            await parameters.put(tx, { ...row, policies });
          } else return Math.min(...row.policies.filter(({ finished }) => !finished).map(({ dueAt }) => dueAt));
        }
        return due.length < pageRows ? null : undefined;
      });
      if (nextAt === null) return {};
      if (nextAt !== undefined) return { nextAt };
      await giveWay();
    }
  },
};
