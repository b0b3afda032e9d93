/** Why a version is not replicated, in AWS's words: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html */

export type Reason =
  | 'AssumeRoleNotPermitted'
  | 'DstBucketNotFound'
  | 'DstBucketObjectLockConfigMissing'
  | 'DstBucketUnversioned'
  | 'DstDelObjNotPermitted'
  | 'DstKmsKeyInvalidState'
  | 'DstKmsKeyNotFound'
  | 'DstObjectHardDeleted'
  | 'DstPutAclNotPermitted'
  | 'DstPutObjectNotPermitted'
  | 'DstPutTaggingNotPermitted'
  | 'InitiateReplicationNotPermitted'
  | 'SrcBucketReplicationConfigMissing'
  | 'SrcGetAclNotPermitted'
  | 'SrcGetObjectNotPermitted'
  | 'SrcGetTaggingNotPermitted'
  | 'SrcKmsKeyInvalidState'
  | 'SrcKmsKeyNotFound'
  | 'SrcObjectNotEligible'
  | 'SrcVersionNotFound'
  | 'TriedTooLong';

/** What trying again does not change: the version is FAILED. */
export class Refused extends Error {
  override name = 'Refused';
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(`replication was refused: ${reason}`);
    this.reason = reason;
  }
}
