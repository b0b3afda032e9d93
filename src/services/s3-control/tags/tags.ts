/** The rules of tags on what S3 Control tags: https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging.html */

import { tagFault, tagLimits, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidTag } from '../errors.ts';

const reserved =
  'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.';
const characters =
  "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.";

/** Checks tags. Throws InvalidTag. */
export function checkedTags(given: readonly { Key?: string | undefined; Value?: string | undefined }[]): Tag[] {
  const tags = tagsOf(given as { Key: string; Value: string }[]);
  const fault = tagFault(tags);
  if (!fault) return tags;
  switch (fault.kind) {
    case 'tooMany':
      throw invalidTag(`The number of tags exceeds the limit of ${tagLimits.tagsPerResourceMax} tags`);
    case 'duplicateKey':
      throw invalidTag('There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.');
    case 'reservedKey':
      throw invalidTag(reserved);
    default:
      throw invalidTag(characters);
  }
}
