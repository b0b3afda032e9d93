/** Quotas and defaults of STS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */

export const limits = {
  roleSecondsDefault: 3_600,
  /** A role that a role's session assumes lasts an hour at most, whatever the role says. */
  chainedSecondsMax: 3_600,
  sessionTokenSecondsDefault: 43_200,
  rootSessionSecondsMax: 3_600,
  sessionPolicyArnsMax: 10,
  sessionTagsMax: 50,
  /** What session policies, their ARNs and session tags may take together, in characters; AWS does not publish its packed form. */
  packedCharactersMax: 4_096,
  webIdentityKeysMilliseconds: 300_000,
  webIdentityFetch: { milliseconds: 5_000, bytesMax: 262_144 },
} as const;
