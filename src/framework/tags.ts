/** Tags: their limits, and the condition keys under which policies see them. */

import type { ConditionContext } from './authorization.ts';

/** As most services carry them; those with maps or other names translate at their edge (`tagsOf`). */
export type Tag = { Key: string; Value: string };

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html#id_tags_naming_best_practices */
export const tagLimits = { tagsPerResourceMax: 50, keyCharactersMax: 128, valueCharactersMax: 256 } as const;

/** What is wrong with a list of tags; each service has its own words for it. */
export type TagFault =
  | { kind: 'tooMany'; max: number }
  | { kind: 'duplicateKey' | 'reservedKey' | 'keyCharacters'; key: string }
  | { kind: 'keyLength'; key: string; max: number }
  | { kind: 'valueCharacters'; key: string; value: string }
  | { kind: 'valueLength'; key: string; value: string; max: number };

/** Letters, digits and spaces of any language, and `_ . : / = + - @`. */
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The first fault of tags that a customer sends, or undefined. Keys are unique by their exact case. */
export function tagFault(tags: readonly Tag[], limits: Partial<typeof tagLimits> = {}): TagFault | undefined {
  const { tagsPerResourceMax, keyCharactersMax, valueCharactersMax } = { ...tagLimits, ...limits };
  const seen = new Set<string>();
  for (const { Key: key, Value: value } of tags) {
    if (key.length === 0 || key.length > keyCharactersMax) return { kind: 'keyLength', key, max: keyCharactersMax };
    if (value.length > valueCharactersMax) return { kind: 'valueLength', key, value, max: valueCharactersMax };
    if (isReserved(key)) return { kind: 'reservedKey', key };
    if (!ALLOWED.test(key)) return { kind: 'keyCharacters', key };
    if (!ALLOWED.test(value)) return { kind: 'valueCharacters', key, value };
    if (seen.has(key)) return { kind: 'duplicateKey', key };
    seen.add(key);
  }
  return tags.length > tagsPerResourceMax ? { kind: 'tooMany', max: tagsPerResourceMax } : undefined;
}

/** Keys that begin with `aws:` belong to AWS: they can be read, not written, and do not count. */
export function isReserved(key: string): boolean {
  return /^aws:/i.test(key);
}

/** Tags from a map or from a list whose values may be missing. */
export function tagsOf(source: Readonly<Record<string, string>> | readonly { Key?: string; Value?: string }[] | undefined): Tag[] {
  if (!source) return [];
  if (Array.isArray(source)) return source.map((tag) => ({ Key: tag.Key ?? '', Value: tag.Value ?? '' }));
  return Object.entries(source as Record<string, string>).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags that stay when others come: same keys take the new values, in place. */
export function mergeTags(present: readonly Tag[], added: readonly Tag[]): Tag[] {
  const merged = new Map(present.map((tag) => [tag.Key, tag.Value]));
  for (const tag of added) merged.set(tag.Key, tag.Value);
  return [...merged].map(([Key, Value]) => ({ Key, Value }));
}

/** `aws:RequestTag/…` and `aws:TagKeys`, for calls that set tags. */
export function requestTagContext(tags: readonly Tag[]): ConditionContext {
  return tags.length === 0 ? {} : { ...prefixed('aws:RequestTag', tags), 'aws:TagKeys': tags.map((tag) => tag.Key) };
}

/** `aws:TagKeys`, for calls that take tags away. */
export function tagKeyContext(keys: readonly string[]): ConditionContext {
  return keys.length === 0 ? {} : { 'aws:TagKeys': keys };
}

/** `aws:ResourceTag/…` and, where a service has keys of its own, for example `ec2:ResourceTag/…`. */
export function resourceTagContext(tags: readonly Tag[], service?: string): ConditionContext {
  const keys = prefixed('aws:ResourceTag', tags);
  return service ? { ...keys, ...prefixed(`${service}:ResourceTag`, tags) } : keys;
}

function prefixed(prefix: string, tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [`${prefix}/${tag.Key}`, tag.Value]));
}
