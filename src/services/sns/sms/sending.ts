/** Sending a text message: who has opted out, what it costs, and what the account may spend in a month. */

import type { Host } from '../../../framework/host.ts';
import type { Letter } from '../../../framework/mailbox.ts';
import type { Random } from '../../../framework/random.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { sendLetter } from '../deliveries/letters.ts';
import type { Contents } from '../messages/contents.ts';
import { statusNote } from '../reports/delivery-status.ts';
import { notes, optOuts, smsContacts, smsSettings, smsSpending } from '../tables.ts';

type Means = { host: Host; random: Random; now: number };
type Text = { letter: Letter; sender?: string; contents: Contents; /** When it was published. */ at: number };

/** Millionths of a dollar for each part, by the country of the number: https://aws.amazon.com/sns/sms-pricing/ */
const partMicrodollars = (phone: string): number => (phone.startsWith('+1') ? 6_450 : 40_000);

/** The same as decimal text of dollars, for the meter. */
export const partDollars = (phone: string): string => `0.${String(partMicrodollars(phone)).padStart(6, '0')}`;

/** Basic characters of GSM 03.38: with any other a message is written in UCS-2, of which fewer fit. */
const gsm = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[\]~|€]*$/;

export function partsOf(text: string): number {
  const [one, each] = gsm.test(text) ? [160, 153] : [70, 67];
  return text.length <= one ? 1 : Math.ceil(text.length / each);
}

/** Sends it, unless it may not be sent, and notes which. @returns the parts that were sent. */
export async function sendText(tx: WriteTransaction, means: Means, { letter, sender = '', contents, at }: Text): Promise<number> {
  const { account, region, to: phone, id } = letter;
  const settings = new Map((await smsSettings.get(tx, account, region))?.attributes);
  const month = new Date(means.now).toISOString().slice(0, 7);
  const spent = (await smsSpending.get(tx, account, region, month))?.microdollars ?? 0;
  const parts = partsOf(letter.body);
  const price = parts * partMicrodollars(phone);
  const optedOut = await optOuts.get(tx, account, region, phone);
  const reason = optedOut?.isOut
    ? 'Phone number is opted out'
    : spent + price > dollars(settings.get('MonthlySpendLimit'))
      ? 'No quota left for account'
      : price > dollars(contents.attributes?.find(([name]) => name === 'AWS.SNS.SMS.MaxPrice')?.[1].value)
        ? 'Message price exceeds max price'
        : undefined;
  if (reason === undefined) {
    const senderId = contents.attributes?.find(([name]) => name === 'AWS.SNS.SMS.SenderID')?.[1].value;
    await sendLetter(tx, means.host, letter, senderId ?? settings.get('DefaultSenderID') ?? sender);
    await smsSpending.put(tx, { account, region, month, microdollars: spent + price });
    await smsContacts.put(tx, { phone, account, region });
  }
  const role = settings.get('DeliveryStatusIAMRole');
  const feedback = { success: role, failure: role, ratePercent: Number(settings.get('DeliveryStatusSuccessSamplingRate') ?? 100) };
  const outcome = { id, at, message: contents.message, destination: phone, attempts: 1, ok: reason === undefined };
  const response = reason ?? 'Message has been accepted by phone carrier';
  const note = statusNote(means, { account, region, name: 'DirectPublishToPhoneNumber' }, feedback, { ...outcome, response });
  if (note) await notes.put(tx, note);
  return reason === undefined ? parts : 0;
}

const dollars = (text: string | undefined): number => (text === undefined ? Infinity : Number(text) * 1_000_000);
