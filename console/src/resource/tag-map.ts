/** Tags as a list, which forms and most services have, and as a map, which the others and Terraform have. */

import type { Tag } from './tags.tsx';

export function tagMap(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

export function tagList(map: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(map).map(([Key, Value]) => ({ Key, Value }));
}
