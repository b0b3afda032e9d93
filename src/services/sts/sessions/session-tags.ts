/** Session tags, and those that go on from session to session. */

import type { Principal, Session } from '../../../framework/principal.ts';
import { tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidParameterValue, validationError } from '../errors.ts';
import { limits } from '../limits.ts';

type Given = {
  Tags?: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined;
  TransitiveTagKeys?: readonly string[] | undefined;
};

export type SessionTags = {
  /** What this call passes. */
  passed: Tag[];
  /** Passed and inherited. */
  all: Tag[];
  transitiveKeys: string[];
};

/**
 * The tags of a new session. Transitive tags of the calling session come along and cannot be changed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
 */
export function sessionTags(given: Given, caller: Principal): SessionTags {
  const passed = tagsOf(given.Tags as readonly Tag[] | undefined);
  checkTags(passed);
  const inherited = transitiveTags('session' in caller ? caller.session : undefined);
  const passedKeys = new Set(passed.map((tag) => tag.Key.toLowerCase()));
  if (inherited.some((tag) => passedKeys.has(tag.Key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  const asked = given.TransitiveTagKeys ?? [];
  if (asked.some((key) => !passedKeys.has(key.toLowerCase())))
    throw invalidParameterValue('The specified transitive tag key must be included in the requested tags.');
  return { passed, all: [...inherited, ...passed], transitiveKeys: [...inherited.map((tag) => tag.Key), ...asked] };
}

function checkTags(tags: readonly Tag[]): void {
  const fault = tagFault(tags, { tagsPerResourceMax: limits.sessionTagsMax });
  if (fault?.kind === 'tooMany')
    throw validationError(
      `1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to ${fault.max}`,
    );
  if (fault?.kind === 'reservedKey') throw invalidParameterValue('Tag keys beginning with aws: are reserved for system use.');
  if (new Set(tags.map((tag) => tag.Key.toLowerCase())).size < tags.length)
    throw invalidParameterValue('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  if (fault)
    throw validationError(
      `1 validation error detected: Value '${fault.key}' at 'tags' failed to satisfy constraint: Member must satisfy the limits of tags`,
    );
}

function transitiveTags(session: Session | undefined): Tag[] {
  const keys = new Set(session?.transitiveTagKeys?.map((key) => key.toLowerCase()));
  return tagsOf(session?.tags).filter((tag) => keys.has(tag.Key.toLowerCase()));
}

/** As a session carries them. */
export function tagRecord(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]));
}
