/** Application Auto Scaling's quotas and defaults, units last: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */

export const listedMax = 50;
export const tagsMax = 50;
export const policyNameCharactersMax = 256;
/** What DynamoDB takes for a target utilisation. */
export const targetPercentMin = 20;
export const targetPercentMax = 90;

/** Scaling out follows so many minutes of more than the target; scaling in so many of less than four fifths of it. */
export const minutesAboveMin = 2;
export const minutesBelowMin = 15;
export const scaleInShare = 0.8;
/** Activities are told for six weeks. */
export const activityMilliseconds = 42 * 86_400_000;
