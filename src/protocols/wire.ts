/** What the gateway hands to the protocols: a request whose service is known. */

export type WireRequest = {
  method: string;
  /** As sent; for S3 with the bucket taken off. */
  path: string;
  rawQuery: string;
  /** Decoded; a repeated name has several values. */
  query: ReadonlyMap<string, readonly string[]>;
  /** Names in lower case, values as Latin-1 text. */
  headers: Readonly<Record<string, string>>;
  /** S3 only: from the host's name or the path's first segment. */
  bucket?: string;
};
