/** Tags of streams and consumers, with the sentences of Kinesis. */

import { tagFault } from '../../../framework/tags.ts';
import { fault, refuse } from '../constraints.ts';
import { invalidArgument, type StreamName } from '../errors.ts';
import { tagsPerStreamMax } from '../limits.ts';

export type Tags = [key: string, value: string][];

/** What the tags are when others have come. Throws ValidationException for lengths and InvalidArgumentException for the rest. */
export function checkedTags(stream: StreamName, present: Tags, added: Readonly<Record<string, string>>): Tags {
  const entries = Object.entries(added);
  const wrong = tagFault(entries.map(([Key, Value]) => ({ Key, Value })));
  if (wrong?.kind === 'keyLength')
    refuse([
      fault(
        'tags',
        `{${wrong.key}=}`,
        'satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]',
      ),
    ]);
  if (wrong?.kind === 'valueLength')
    refuse([
      fault(
        'tags',
        `{${wrong.key}=}`,
        'satisfy constraint: [Member must have length less than or equal to 256, Member must have length greater than or equal to 0]',
      ),
    ]);
  if (wrong && wrong.kind !== 'tooMany')
    throw invalidArgument('Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.');
  const merged = new Map(present);
  for (const [key, value] of entries) merged.set(key, value);
  if (merged.size > tagsPerStreamMax)
    throw invalidArgument(
      `Failed to add tags to stream ${stream.name} under account ${stream.account} because a given stream cannot have more than ${tagsPerStreamMax} tags associated with it.`,
    );
  return [...merged];
}

export function listedTags(tags: Tags): { Key: string; Value: string }[] {
  return tags.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([Key, Value]) => ({ Key, Value }));
}
