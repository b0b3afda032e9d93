/** Tags on everything taggable: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */

import { invalidInput, limitExceeded } from './errors.ts';
import { limits } from './limits.ts';
import type { Tag } from './tables.ts';

export type TagInput = { Key: string | undefined; Value: string | undefined };

/** The tags of a new resource. Keys are unique whatever their case, and `aws:` is AWS's own. */
export function newTags(input: readonly TagInput[] | undefined): Tag[] {
  return mergedTags([], input ?? []);
}

/** Tags with others put over them: a key that is there already, in any case, is replaced. */
export function mergedTags(tags: readonly Tag[], input: readonly TagInput[]): Tag[] {
  const merged = new Map(tags.map((tag) => [tag.Key.toLowerCase(), tag]));
  const seen = new Set<string>();
  for (const { Key = '', Value = '' } of input) {
    const folded = Key.toLowerCase();
    if (folded.startsWith('aws:')) throw invalidInput(`Tag keys beginning with aws: are reserved for system use.`);
    if (seen.has(folded)) throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    seen.add(folded);
    merged.set(folded, { Key, Value });
  }
  if (merged.size > limits.tagsPerResource) throw limitExceeded('The number of tags has reached the maximum limit.');
  return [...merged.values()];
}

export function withoutTags(tags: readonly Tag[], keys: readonly string[]): Tag[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter((tag) => !gone.has(tag.Key.toLowerCase()));
}

/** The member of an answer: AWS leaves it out where nothing is tagged. */
export function tagsMember(tags: readonly Tag[]): { Tags?: Tag[] } {
  return tags.length > 0 ? { Tags: [...tags] } : {};
}

/** Tags as a record, for conditions. Without a prototype: strangers choose the keys. */
export function tagRecord(tags: readonly Tag[]): Record<string, string> {
  const record: Record<string, string> = Object.create(null);
  for (const { Key, Value } of tags) record[Key] = Value;
  return record;
}
