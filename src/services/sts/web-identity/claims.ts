/** What a token says beyond its subject: session tags and a source identity. */

import type { JWTPayload } from 'jose';
import { tagFault, type Tag } from '../../../framework/tags.ts';
import { invalidIdentityToken } from '../errors.ts';
import { limits } from '../limits.ts';

export type ClaimedTags = { tags: Tag[]; transitiveKeys: string[]; sourceIdentity: string | undefined };

const TAGS_CLAIM = 'https://aws.amazon.com/tags';
const SOURCE_IDENTITY_CLAIM = 'https://aws.amazon.com/source_identity';

/** Throws InvalidIdentityToken. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
export function claimedTags(claims: JWTPayload): ClaimedTags {
  const sourceIdentity = claims[SOURCE_IDENTITY_CLAIM];
  if (sourceIdentity !== undefined && !(typeof sourceIdentity === 'string' && /^[\w+=,.@-]{2,64}$/.test(sourceIdentity)))
    throw invalidIdentityToken('The source identity of the token is not valid.');
  const { principal_tags: named = {}, transitive_tag_keys: transitive = [] } = objectOf(claims[TAGS_CLAIM]);
  const tags = Object.entries(objectOf(named)).map(([Key, value]) => ({ Key, Value: String(Array.isArray(value) ? value[0] : value) }));
  if (tagFault(tags, { tagsPerResourceMax: limits.sessionTagsMax }))
    throw invalidIdentityToken('The session tags of the token are not valid.');
  const keys = new Set(tags.map((tag) => tag.Key));
  if (!Array.isArray(transitive) || !transitive.every((key) => keys.has(key as string)))
    throw invalidIdentityToken('The transitive tag keys of the token are not valid.');
  return { tags, transitiveKeys: transitive as string[], sourceIdentity };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
