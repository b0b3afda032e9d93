/** Message catalogues: English and Korean side by side, the same keys and the same places in both. */

import { useSettings } from '../shell/settings.ts';
import { visible } from './visible.ts';

export type Language = 'en' | 'ko';
export type Catalogue<Keys extends string> = { en: Readonly<Record<Keys, string>>; ko: Readonly<Record<Keys, string>> };

/** What a folder says; the types see to it that Korean lacks nothing. */
export function catalogue<const En extends Record<string, string>>(messages: {
  en: En;
  ko: Readonly<Record<keyof En, string>>;
}): Catalogue<keyof En & string> {
  return messages;
}

/** The messages of a catalogue in the reader's language. */
export function useText<Keys extends string>(messages: Catalogue<Keys>): Readonly<Record<Keys, string>> {
  return messages[useSettings().language];
}

/** Puts values into the places of a message: `Deleted {name}`. A value turns no sentence around: what is hidden in it is written out. */
export function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replaceAll(/\{(\w+)\}/g, (place, name: string) => (Object.hasOwn(values, name) ? visible(String(values[name])) : place));
}
