/** What the Host header tells: a service, a region, a bucket. */

export type HostHint = {
  /** The first labels that name a service, for example `sqs` or `s3-control`; undefined when the host says nothing. */
  service?: string;
  region?: string;
  bucket?: string;
  /** The host is that of an access point, which `bucket` names by its ARN. */
  accessPoint?: true;
  /** The host is that of a website in S3. */
  website?: true;
  /** A name under `.localhost` or the like whose first labels are no service: in S3 it is a bucket. */
  bucketIfS3?: string;
};

/** Where a request is taken to have been sent that names no region anywhere. */
export const REGION_DEFAULT = 'us-east-1';

const nothing: HostHint = {};

/** Names under which everything of the cloud may be reached, longest first. */
const suffixes = ['.localhost.localstack.cloud', '.amazonaws.com.cn', '.amazonaws.com', '.localhost', '.api.aws', '.on.aws'];

const regionPattern = /^[a-z]{2,3}(?:-[a-z]+){1,3}-\d{1,2}$/;
const s3Pattern = /^s3(?:$|-)/;
const accessPointPattern = /^([a-z0-9-]+)-(\d{12})$/;
const HOSTS_MAX = 1_000;

/** Reads a Host header; remembers what it has read, since a cloud is called by few names. */
export function createHostReader(isService: (label: string) => boolean): (host: string | undefined) => HostHint {
  const known = new Map<string, HostHint>();
  return (host) => {
    if (host === undefined) return nothing;
    let hint = known.get(host);
    if (!hint) {
      hint = readHost(host, isService);
      if (known.size >= HOSTS_MAX) known.clear();
      known.set(host, hint);
    }
    return hint;
  };
}

function readHost(host: string, isService: (label: string) => boolean): HostHint {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  const suffix = suffixes.find((ending) => name.endsWith(ending));
  if (suffix === undefined) return nothing;
  const labels = name.slice(0, -suffix.length).split('.');
  if (labels.some((label) => label === '')) return nothing;
  return readS3(labels) ?? readService(labels, isService) ?? (suffix.includes('localhost') ? { bucketIfS3: labels.join('.') } : nothing);
}

/** `bucket.s3.region`, `s3-region`, `s3.dualstack.region`, with a bucket that may itself hold dots. */
function readS3(labels: readonly string[]): HostHint | undefined {
  const at = labels.findLastIndex((label) => s3Pattern.test(label));
  if (at < 0) return undefined;
  const after = labels.slice(at + 1).filter((label) => label !== 'dualstack');
  if (after.length > 1 || (after[0] !== undefined && !regionPattern.test(after[0]))) return undefined;
  const label = labels[at]!;
  const website = label === 's3-website' || label.startsWith('s3-website-');
  const inLabel = label.slice(website ? 's3-website-'.length : 's3-'.length);
  const region = after[0] ?? (regionPattern.test(inLabel) ? inLabel : undefined);
  const before = labels.slice(0, at).join('.');
  const service = label.startsWith('s3-control') ? 's3-control' : 's3';
  const point = label === 's3-accesspoint' || label === 's3-accesspoint-fips' ? accessPointPattern.exec(before) : null;
  if (point)
    return {
      service,
      ...(region && { region }),
      bucket: `arn:aws:s3:${region ?? ''}:${point[2]}:accesspoint/${point[1]}`,
      accessPoint: true,
    };
  return { service, ...(region && { region }), ...(before && service === 's3' && { bucket: before }), ...(website && { website }) };
}

/** `sqs.us-east-1`, `us-east-1.queue`, `123456789012.s3-control…`, `api-id.execute-api.us-east-1`. */
function readService(labels: readonly string[], isService: (label: string) => boolean): HostHint | undefined {
  const region = labels.find((label) => regionPattern.test(label));
  const service = labels.findLast((label) => label !== region && isService(label.replace(/-fips$/, '')));
  if (service === undefined) return undefined;
  return { service: service.replace(/-fips$/, ''), ...(region && { region }) };
}
