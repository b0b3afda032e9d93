/** Quotas of Recycle Bin: https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-quotas.html */

export const rulesPerRegionMax = 250;
export const resourceTagsMax = 50;
export const rulesPerTagMax = 5;
export const excludeTagsMax = 5;
export const retentionDays = { min: 1, max: 3650 } as const;
/** A volume stays for a week at most. */
export const volumeRetentionDaysMax = 7;
export const unlockDays = { min: 7, max: 30 } as const;
export const descriptionCharactersMax = 255;
export const listedMax = 1000;
export const dayMilliseconds = 86_400_000;
