/** Tags of keys: `TagKey` and `TagValue` on the wire. */

import { tagFault, type Tag } from '../../../framework/tags.ts';
import { constraint, tagFaulty } from '../errors.ts';
import { tagsPerKeyMax } from '../limits.ts';

/** Throws TagException, ValidationException. */
export function checkedTags(given: readonly { TagKey?: string | undefined; TagValue?: string | undefined }[]): Tag[] {
  const tags = given.map(({ TagKey = '', TagValue = '' }) => ({ Key: TagKey, Value: TagValue }));
  const fault = tagFault(tags, { tagsPerResourceMax: tagsPerKeyMax });
  const place = (isFaulty: (tag: Tag) => boolean): number => tags.findIndex(isFaulty) + 1;
  switch (fault?.kind) {
    case undefined:
      return tags;
    case 'tooMany':
      throw tagFaulty('Too many tags');
    case 'duplicateKey':
      throw tagFaulty('Duplicate tag keys');
    case 'reservedKey':
      throw tagFaulty('Tags beginning with aws: are reserved');
    case 'keyLength':
      throw constraint(
        `tags.${place(({ Key }) => Key === fault.key)}.member.tagKey`,
        fault.key,
        `have length ${fault.key === '' ? 'greater than or equal to 1' : `less than or equal to ${fault.max}`}`,
      );
    case 'valueLength':
      throw constraint(
        `tags.${place(({ Value }) => Value === fault.value)}.member.tagValue`,
        fault.value,
        `have length less than or equal to ${fault.max}`,
      );
    default:
      throw tagFaulty('Tag keys and values can contain only letters, numbers, spaces and the characters _ . / = + - : @');
  }
}
