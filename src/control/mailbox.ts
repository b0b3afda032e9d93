/** GET, POST and DELETE /_haneul/mailbox: letters, text messages and push notifications that had no way out of this cloud, and replies to them. */

import { randomUUID } from 'node:crypto';
import { incomingTexts, mailbox, type Letter } from '../framework/mailbox.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { badRequest, readJson } from './message.ts';

export type MailboxAnswer = { /** Newest first. */ letters: (Omit<Letter, 'at'> & { at: string })[] };

const lettersMax = 1000;
const textCharactersMax = 1600;

/** The newest letters; `?to=` and `?kind=` narrow them down. */
export async function showMailbox(cloud: ControlledCloud, request: HttpRequest): Promise<MailboxAnswer> {
  const query = new URLSearchParams(request.rawQuery);
  const [to, kind] = [query.get('to'), query.get('kind')];
  const page = await cloud.store.read((tx) => mailbox.scan(tx, [], { limit: lettersMax, reverse: true }));
  const letters = page.map(({ row }) => row).filter((row) => (to === null || row.to === to) && (kind === null || row.kind === kind));
  return { letters: letters.map((row) => ({ ...row, at: new Date(row.at).toISOString() })) };
}

/** Throws all letters away. */
export async function emptyMailbox(cloud: ControlledCloud): Promise<{ emptied: number }> {
  let emptied = 0;
  for (;;) {
    const count = await cloud.store.write(async (tx) => {
      const page = await mailbox.scan(tx, [], { limit: lettersMax });
      for (const { row } of page) await mailbox.delete(tx, row.at, row.id);
      return page.length;
    });
    emptied += count;
    if (count < lettersMax) return { emptied };
  }
}

/** `{ from, body }`: a text message from a phone, as its owner would write it: STOP. Answers when the cloud has read it. */
export async function receiveText(cloud: ControlledCloud, request: HttpRequest): Promise<{ received: true }> {
  const { from, body } = await readJson(request);
  if (typeof from !== 'string' || !/^\+[1-9]\d{3,14}$/.test(from)) throw badRequest('from must be a phone number in E.164 form');
  if (typeof body !== 'string' || body === '' || body.length > textCharactersMax) throw badRequest('body must be a text');
  await cloud.services.find('sns');
  const text = { id: randomUUID(), at: cloud.clock.now(), from, body };
  await cloud.store.write((tx) => incomingTexts.put(tx, text));
  await cloud.settled();
  return { received: true };
}
