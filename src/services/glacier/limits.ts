/** Glacier's quotas and defaults, units last: https://docs.aws.amazon.com/amazonglacier/latest/dev/amazon-glacier-limits.html */

export const vaultsPerRegionMax = 1000;
export const vaultNameCharactersMax = 255;
export const vaultsListedMax = 10;
export const uploadsPerVaultMax = 1000;
export const uploadsListedMax = 50;
export const jobsListedMax = 50;
export const archiveBytesMax = 4 * 1024 ** 3;
export const partBytesMax = 4 * 1024 ** 3;
export const partsPerUploadMax = 10_000;
export const descriptionCharactersMax = 1024;
export const tagsPerVaultMax = 10;
export const policyBytesMax = 20 * 1024;

export const provisionedCapacityUnitsMax = 2;
/** What the free tier covers. */
export const freeBytesPerMonth = 10 * 1024 ** 3;
export const standardRetrievalHours = 4;

export const dayMilliseconds = 86_400_000;
/** How long a vault lock may wait to be completed. */
export const lockMilliseconds = dayMilliseconds;
