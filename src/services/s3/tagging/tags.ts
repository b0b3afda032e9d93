/** The rules of tag sets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */

import { badRequest, invalidArgument, invalidTag } from '../errors.ts';
import { bucketTagsMax, objectTagsMax, tagKeyLengthMax, tagValueLengthMax } from '../limits.ts';
import type { Tag } from '../tables.ts';

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const reserved = {
  Object: 'Your TagKey cannot be prefixed with aws:',
  Bucket: 'System tags cannot be added/updated by requester',
  NewBucket:
    'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.',
} as const;

type GivenTag = { Key?: string | undefined; Value?: string | undefined };

/** Checks a tag set for an object, a bucket or one that is being made; throws InvalidTag, or BadRequest for too many. */
export function checkedTags(given: readonly GivenTag[], of: keyof typeof reserved): Tag[] {
  const max = of === 'Object' ? objectTagsMax : bucketTagsMax;
  if (given.length > max)
    throw badRequest(of === 'Object' ? `Object tags cannot be greater than ${max}` : `Bucket tag count cannot be greater than ${max}`);
  const seen = new Set<string>();
  const tags = given.map(({ Key = '', Value = '' }) => {
    if (Key === '' || Key.length > tagKeyLengthMax || !allowed.test(Key)) throw invalidTag('The TagKey you have provided is invalid', Key);
    if (Value.length > tagValueLengthMax || !allowed.test(Value)) throw invalidTag('The TagValue you have provided is invalid', Key, Value);
    if (Key.toLowerCase().startsWith('aws:')) throw invalidTag(reserved[of], Key);
    if (seen.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key', Key);
    seen.add(Key);
    return { Key, Value };
  });
  // S3 gives the tags of objects back in the order of their keys.
  return of === 'Object' ? tags.sort((a, b) => (a.Key < b.Key ? -1 : 1)) : tags;
}

const headerFault =
  "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";

/** Reads the tags of an `x-amz-tagging` header. */
export function tagsOfHeader(header: string): Tag[] {
  const pairs = header.split('&').filter((pair) => pair !== '');
  const tags = pairs.map((pair) => {
    const [key = '', value = '', ...more] = pair.split('=');
    if (more.length > 0) throw invalidArgument(headerFault, 'x-amz-tagging', header);
    return { Key: decoded(key, header), Value: decoded(value, header) };
  });
  if (new Set(tags.map((tag) => tag.Key)).size < tags.length) throw invalidArgument(headerFault, 'x-amz-tagging', header);
  return checkedTags(tags, 'Object');
}

function decoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) throw invalidArgument(headerFault, 'x-amz-tagging', header);
    throw error;
  }
}
