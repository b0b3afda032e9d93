/** Tags that come with a resource when it is made, and the rules for all tags of EC2. */

import { isReserved, tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidParameterValue, limitExceeded } from '../errors.ts';

type Specification = { ResourceType?: string; Tags?: { Key?: string; Value?: string }[] };

/** The tags for one type of the call's resources. @param types all that the call can tag. */
export function tagsFor(specifications: readonly Specification[] | undefined, type: string, types: readonly string[] = [type]): Tag[] {
  const seen = new Set<string>();
  for (const { ResourceType: given = '', Tags } of specifications ?? []) {
    if (!types.includes(given)) throw invalidParameterValue(`'${given}' is not a valid taggable resource type for this operation.`);
    if (seen.has(given))
      throw invalidParameterValue(`Duplicate resource type '${given}' in TagSpecifications; specify each resource type once.`);
    if (!Tags || Tags.length === 0) throw invalidParameterValue('Tag specification must have at least one tag');
    seen.add(given);
  }
  return checkedTags(tagsOf((specifications ?? []).find(({ ResourceType: given }) => given === type)?.Tags));
}

/** Throws InvalidParameterValue or TagLimitExceeded for tags that AWS would not take. */
export function checkedTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (!fault) return tags;
  switch (fault.kind) {
    case 'tooMany':
      throw limitExceeded('TagLimitExceeded', `More than ${fault.max} tags specified`);
    case 'duplicateKey':
      throw invalidParameterValue(`Duplicate tag key '${fault.key}' specified.`);
    case 'reservedKey':
      throw invalidParameterValue(`Tag keys starting with 'aws:' are reserved for internal use`);
    case 'keyLength':
      throw invalidParameterValue(
        fault.key === '' ? 'Tag key cannot be empty' : `Tag key exceeds the maximum length of ${fault.max} characters`,
      );
    case 'valueLength':
      throw invalidParameterValue(`Tag value exceeds the maximum length of ${fault.max} characters`);
    // EC2 takes any character.
    case 'keyCharacters':
    case 'valueCharacters':
      return tags;
  }
}

/** Tags that a customer may take away. */
export function removableTag(tag: Tag): boolean {
  return !isReserved(tag.Key);
}

/** As Describe calls show them. */
export const tagSet = (row: { tags?: Tag[] }): { Tags: Tag[] } => ({ Tags: row.tags ?? [] });

/** As records keep them: absent when there are none. */
export const kept = (tags: Tag[]): { tags?: Tag[] } => (tags.length > 0 ? { tags } : {});
