/** The rules of tags on what S3 Control tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html */

import { tagFault, tagLimits, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidTag } from '../errors.ts';

/** Checks tags. Throws InvalidTag. */
export function checkedTags(given: readonly { Key?: string | undefined; Value?: string | undefined }[]): Tag[] {
  const tags = tagsOf(given as { Key: string; Value: string }[]);
  const fault = tagFault(tags);
  if (!fault) return tags;
  switch (fault.kind) {
    case 'tooMany':
      throw invalidTag(`The number of tags exceeds the limit of ${tagLimits.tagsPerResourceMax} tags`);
    case 'duplicateKey':
      throw invalidTag('Cannot provide multiple Tags with the same key', fault.key);
    case 'reservedKey':
      throw invalidTag('System tags cannot be added/updated by requester', fault.key);
    case 'keyLength':
    case 'keyCharacters':
      throw invalidTag('The TagKey you have provided is invalid', fault.key);
    default:
      throw invalidTag('The TagValue you have provided is invalid', fault.key);
  }
}
