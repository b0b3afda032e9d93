/** Quotas and defaults of instances. */

export const instancesPerCallMax = 1000;
export const userDataBytesMax = 16_384;
export const clientTokenCharactersMax = 64;
/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits */
export const vcpusMax = 1152;
/** What the machine keeps for itself and for what runs, and what one more instance needs to start. */
export const memoryKeptBytes = 192 * 1024 * 1024;
export const memoryLeastBytes = 8 * 1024 * 1024;
/** A terminated instance is shown for about an hour. */
export const terminatedMilliseconds = 3_600_000;
export const pageSizes = { min: 5, max: 1000 } as const;
