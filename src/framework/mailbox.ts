/** Letters, text messages and push notifications that have no way out of this cloud: kept, for `/_haneul/mailbox` to show. */

import { table } from '../store/table.ts';

export type Letter = {
  id: string;
  /** Cloud time, milliseconds since the epoch. */
  at: number;
  account: string;
  region: string;
  /** The service that sent it, for example `sns`. */
  service: string;
  kind: 'email' | 'sms' | 'push';
  to: string;
  subject: string;
  /** At most `letterCharactersMax`. */
  body: string;
};

/** Longer letters are cut: a mailbox is for looking at. */
export const letterCharactersMax = 16_000;

export const mailbox = table<Letter>('framework/mailbox', { key: (row) => [row.at, row.id] });

/** A text message from outside, until the service that writes text messages has read it. */
export type IncomingText = { id: string; at: number; /** Number in E.164 form. */ from: string; body: string };
export const incomingTexts = table<IncomingText>('framework/incoming-texts', { key: (row) => [row.at, row.id] });
