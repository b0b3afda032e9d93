/** Tags of delivery streams, with the sentences of Firehose. */

import { mergeTags, tagFault, type Tag } from '../../../framework/tags.ts';
import { invalidArgument, limitExceeded } from '../errors.ts';
import { tagsPerStreamMax } from '../limits.ts';
import type { Stream } from '../tables.ts';

/** What the tags are when others have come. Throws InvalidArgumentException, and LimitExceededException beyond fifty. */
export function checkedTags(present: Stream['tags'], added: readonly Tag[]): Stream['tags'] {
  const wrong = tagFault(added);
  if (wrong && wrong.kind !== 'tooMany') throw invalidArgument(`The tag with key '${wrong.key}' is invalid.`);
  const merged = mergeTags(
    present.map(([Key, Value]) => ({ Key, Value })),
    added,
  );
  if (merged.length > tagsPerStreamMax) throw limitExceeded(`A Firehose can have at most ${tagsPerStreamMax} tags.`);
  return merged.map(({ Key, Value }) => [Key, Value]);
}
