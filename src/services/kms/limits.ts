/** KMS's quotas and defaults: https://docs.aws.amazon.com/kms/latest/developerguide/limits.html */

export const plaintextBytesMax = 4096;
export const ciphertextBytesMax = 6144;
export const messageBytesMax = 4096;
export const randomBytesMax = 1024;
export const dataKeyBytesMax = 1024;
export const encryptionContextBytesMax = 8192;
export const policyBytesMax = 32_768;
export const descriptionCharactersMax = 8192;
export const tagsPerKeyMax = 50;
export const aliasesPerKeyMax = 50;
export const grantsPerKeyMax = 50_000;
export const grantTokensMax = 10;
export const onDemandRotationsMax = 25;
export const keysPerRegionMax = 100_000;
export const listedMax = 1000;
export const listedDefault = 100;
export const grantsListedMax = 100;
export const grantsListedDefault = 50;
export const tagsListedDefault = 50;

export const dayMilliseconds = 86_400_000;
export const deletionDaysMin = 7;
export const deletionDaysMax = 30;
export const rotationDaysMin = 90;
export const rotationDaysMax = 2560;
export const rotationDaysDefault = 365;
