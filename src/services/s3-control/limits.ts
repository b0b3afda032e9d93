/** S3 Control's quotas and defaults: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html */

export const accessPointsPerRegionMax = 10_000;
export const accessPointNameLengthMin = 3;
export const accessPointNameLengthMax = 50;
export const listedMax = 1_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html */
export const jobPriorityMax = 2_147_483_647;
export const jobDescriptionLengthMax = 256;
export const jobReasonLengthMax = 256;
export const jobTokenLengthMax = 64;
export const jobObjectTagsMax = 10;
/** A job fails when, after this many tasks, more than half of them have failed. */
export const jobTasksBeforeThreshold = 1_000;
export const jobConfirmationDaysMax = 30;
export const jobRetentionDays = 90;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-limitations.html */
export const grantsLocationsMax = 1_000;
export const accessGrantsMax = 100_000;
export const grantSecondsDefault = 3_600;
export const grantSecondsMin = 900;
export const grantSecondsMax = 43_200;
