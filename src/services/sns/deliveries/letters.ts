/** Letters, text messages and push notifications: those that have a way out wait for it, all others lie in the mailbox. */

import type { Host } from '../../../framework/host.ts';
import { mailbox, type Letter } from '../../../framework/mailbox.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { outgoingLetters, type Delivery } from '../tables.ts';

/** Makes sure that a letter goes out, or can be looked at. Inside a transaction: nothing has left when this returns. */
export async function sendLetter(
  tx: WriteTransaction,
  { messengers }: Pick<Host, 'messengers'>,
  letter: Letter,
  sender = '',
  delivery?: Delivery,
): Promise<void> {
  if (messengers[letter.kind])
    await outgoingLetters.put(tx, { ...letter, sender, failures: 0, due: letter.at, ...(delivery && { delivery }) });
  else await mailbox.put(tx, letter);
}
