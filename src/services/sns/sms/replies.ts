/** The reconciler of replies: who answers STOP gets no more text messages from the accounts that wrote to that number. */

import { incomingTexts } from '../../../framework/mailbox.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { optOuts, smsContacts } from '../tables.ts';

const pageRows = 50;
/** https://docs.aws.amazon.com/sns/latest/dg/sms_manage.html#sms_manage_optout */
const stopWords = new Set(['ARRET', 'CANCEL', 'END', 'OPT-OUT', 'OPTOUT', 'QUIT', 'REMOVE', 'STOP', 'TD', 'UNSUBSCRIBE']);

export const replies: Reconciler = {
  name: 'sns/replies',
  watches: [incomingTexts],
  run: async ({ store, signal }: ReconcilerContext) => {
    for (;;) {
      signal.throwIfAborted();
      const page = await store.read((tx) => incomingTexts.scan(tx, [], { limit: pageRows }));
      for (const { row } of page)
        await store.write(async (tx) => {
          await incomingTexts.delete(tx, row.at, row.id);
          if (!stopWords.has(row.body.trim().toUpperCase())) return;
          for (const { row: contact } of await smsContacts.scan(tx, [row.from])) {
            const { account, region, phone } = contact;
            const before = await optOuts.get(tx, account, region, phone);
            await optOuts.put(tx, { ...before, account, region, phone, isOut: true });
          }
        });
      if (page.length < pageRows) return;
    }
  },
};
