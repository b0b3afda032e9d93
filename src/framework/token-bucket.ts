/** A token bucket on cloud time. */

export type Bucket = { tokens: number; /** Milliseconds. */ at: number };

/** Full at first: one second's worth. */
export const fullBucket = (perSecond: number, now: number): Bucket => ({ tokens: perSecond, at: now });

function refill(bucket: Bucket, perSecond: number, now: number): void {
  if (now <= bucket.at) return;
  bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
  bucket.at = now;
}

/** Is there room for so many? What is larger than the bucket fits a full one. */
export function holds(bucket: Bucket, perSecond: number, amount: number, now: number): boolean {
  refill(bucket, perSecond, now);
  return bucket.tokens >= Math.min(amount, perSecond);
}

/** Takes so many, into debt if need be. */
export function take(bucket: Bucket, amount: number): void {
  bucket.tokens -= amount;
}
