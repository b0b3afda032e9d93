/** Ways out of the cloud for letters, text messages and push notifications: a mail server, and webhooks of the operator's choice. */

import type { Messenger, Messengers, OutgoingMessage } from '../framework/host.ts';
import { post } from './post.ts';

export type MessengerOptions = {
  /** `smtp://user:password@host:port` or `smtps://…`; `?from=` names the sender's address. */
  smtp?: string | undefined;
  /** Where text messages and push notifications are posted to, as JSON. */
  smsWebhook?: string | undefined;
  pushWebhook?: string | undefined;
};

const answerMilliseconds = 15_000;
const senderDefault = 'no-reply@sns.amazonaws.com';

export function openMessengers({ smtp, smsWebhook, pushWebhook }: MessengerOptions): Messengers {
  return {
    ...(smtp !== undefined && { email: mailServer(smtp) }),
    ...(smsWebhook !== undefined && { sms: webhook(smsWebhook) }),
    ...(pushWebhook !== undefined && { push: webhook(pushWebhook) }),
  };
}

function mailServer(address: string): Messenger {
  const url = new URL(address);
  const from = url.searchParams.get('from') ?? senderDefault;
  url.searchParams.delete('from');
  return async ({ id, sender, to, subject, body }) => {
    const { createTransport } = await import('nodemailer');
    const timeouts = { connectionTimeout: answerMilliseconds, greetingTimeout: answerMilliseconds, socketTimeout: answerMilliseconds };
    const transport = createTransport({ url: url.href, disableFileAccess: true, disableUrlAccess: true, ...timeouts });
    try {
      // The same id for a second attempt: a mail server, or the reader's program, knows it again.
      await transport.sendMail({
        ...{ from: { name: sender, address: from }, to: { name: '', address: to }, subject, text: body },
        messageId: `<${id}@sns.amazonaws.com>`,
      });
      return 'sent';
    } catch (error) {
      // Codes from 500 on are a server's last word: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1
      if (((error as { responseCode?: number }).responseCode ?? 0) >= 500) return 'refused';
      throw error;
    } finally {
      transport.close();
    }
  };
}

function webhook(url: string): Messenger {
  return async (message: OutgoingMessage) => {
    const headers = { 'content-type': 'application/json', 'user-agent': 'haneul' };
    const { status } = await post(url, { headers, body: JSON.stringify(message) }, { milliseconds: answerMilliseconds });
    if (status >= 200 && status < 300) return 'sent';
    if (status >= 400 && status < 500 && status !== 429) return 'refused';
    throw new Error(`the webhook answered ${status}`);
  };
}
