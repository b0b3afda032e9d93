/** Where blobs lie when they lie in another S3: a bucket, and who may use it. */

export type RemoteCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type RemoteAddress = {
  /** `http://host:port` or `https://…`; paths begin with the bucket. */
  endpoint: string;
  region: string;
  bucket: string;
  /** Begins the names of all blobs: empty, or ends with a slash. */
  prefix: string;
  /** The profile of the user's credentials file, where one is named. */
  profile?: string;
};

export type RemotePlace = RemoteAddress & { credentials: RemoteCredentials };

/** Reads `s3://bucket/prefix?endpoint=https://…&region=…&profile=…`. Without an endpoint it is AWS's own. Throws TypeError, in words for a user. */
export function parseRemoteAddress(text: string): RemoteAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:' || url.username || url.password || url.port)
    throw new TypeError('it takes s3://bucket/prefix?endpoint=https://…');
  for (const name of url.searchParams.keys())
    if (!['endpoint', 'region', 'profile'].includes(name)) throw new TypeError(`it takes endpoint, region and profile, not '${name}'`);
  const bucket = url.hostname;
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) throw new TypeError(`'${bucket}' is not the name of a bucket`);
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  if (!/^[\w./-]{0,200}$/.test(path)) throw new TypeError('the prefix takes letters, digits, dots, dashes and slashes');
  const region = url.searchParams.get('region') ?? 'us-east-1';
  const endpoint = url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new TypeError('its endpoint is http://… or https://…');
  const profile = url.searchParams.get('profile');
  return { endpoint: new URL(endpoint).origin, region, bucket, prefix: path && `${path}/`, ...(profile && { profile }) };
}

/** For status, logs and errors: it holds no secret. */
export function describeRemote({ endpoint, bucket, prefix }: RemoteAddress): string {
  return `s3://${bucket}/${prefix} at ${endpoint}`;
}
