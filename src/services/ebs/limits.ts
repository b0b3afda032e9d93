/** Quotas and defaults of the direct API: https://docs.aws.amazon.com/general/latest/gr/ebs-service.html */

export const volumeGibibytesMax = 65_536;
/** Snapshots that an account may be writing at a time. */
export const pendingSnapshotsMax = 100;
export const timeoutMinutes = { min: 10, max: 4320, default: 60 } as const;
export const listed = { min: 100, max: 10_000 } as const;
export const blockTokenMilliseconds = 7 * 24 * 3_600_000;
