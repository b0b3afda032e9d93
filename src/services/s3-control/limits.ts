/** S3 Control's quotas and defaults: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations.html */

export const accessPointsPerRegionMax = 10_000;
export const accessPointNameLengthMin = 3;
export const accessPointNameLengthMax = 50;
export const listedMax = 1_000;
