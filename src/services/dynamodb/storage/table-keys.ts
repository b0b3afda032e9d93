/** Keys of tables that lie encrypted, opened, by the id that their rows name. They are in memory alone; who opens them is tables/encryption.ts and tables/own-work.ts. */

import type { KeyObject } from 'node:crypto';
import { keepNewest } from '../../../framework/bounded-map.ts';
import type { Random } from '../../../framework/random.ts';
import { openBytes, sealBytes } from '../../../framework/sealed-bytes.ts';
import { InaccessibleKey } from '../errors.ts';

const opened = new Map<string, { key: KeyObject; random: Random }>();
const openedMax = 100_000;
/** What KMS refused when it was asked last. */
const refused = new Map<string, true>();

/** From now on rows under this key can be read and written in this process. */
export function openTableKey(id: string, key: KeyObject, random: Random): void {
  keepNewest(opened, openedMax, id, { key, random });
  refused.delete(id);
}

/** KMS has refused it: what lies under it cannot be read any more. */
export function closeTableKey(id: string): void {
  opened.delete(id);
  keepNewest(refused, openedMax, id, true);
}

export const isTableKeyRefused = (id: string): boolean => refused.has(id);

export const isTableKeyOpen = (id: string): boolean => opened.has(id);

/** The key itself. Throws where nobody has opened it. */
export function openedTableKey(id: string): { key: KeyObject; random: Random } {
  const found = opened.get(id);
  if (!found) throw new InaccessibleKey(id);
  return found;
}

/** `{ID:BASE64}`: in braces as the JSON that it stands for. */
export function sealText(id: string, text: string): string {
  const { key, random } = openedTableKey(id);
  return `{${id}:${sealBytes(key, text, random).toString('base64')}}`;
}

/** Which key a sealed text lies under. */
export const sealOf = (sealed: string): string => sealed.slice(1, sealed.indexOf(':'));

/** Throws where nobody has opened the key. */
export function openText(sealed: string): string {
  const colon = sealed.indexOf(':');
  const { key } = openedTableKey(sealed.slice(1, colon));
  return openBytes(key, Buffer.from(sealed.slice(colon + 1, -1), 'base64')).toString('utf8');
}
