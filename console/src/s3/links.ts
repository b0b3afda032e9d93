/** Presigned links: for downloads, which a browser does better than a page, and to share. */

import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { cloudSettings } from '../session/private-api.ts';
import { nameOfKey, s3 } from './client.ts';

const downloadSeconds = 300;

/** Without a version, whichever is current when the link is used. */
export type Linked = { bucket: string; key: string; version?: string | undefined };

/** A link that is good from now by the cloud's clock, which may be ahead of the browser's. */
export async function presignedLink(
  { bucket, key, version }: Linked,
  { seconds, download }: { seconds: number; download: boolean },
): Promise<string> {
  const { now } = await cloudSettings();
  const name = nameOfKey(key).replaceAll(/["\\\r\n]/g, '_');
  const disposition = `attachment; filename="${name.replaceAll(/[^\x20-\x7e]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ...(version && { VersionId: version }),
    ...(download && { ResponseContentDisposition: disposition }),
  });
  return getSignedUrl(s3(), command, { expiresIn: seconds, signingDate: new Date(now) });
}

export async function downloadObject(object: Linked): Promise<void> {
  const anchor = document.createElement('a');
  anchor.href = await presignedLink(object, { seconds: downloadSeconds, download: true });
  anchor.rel = 'noopener noreferrer';
  anchor.download = nameOfKey(object.key);
  anchor.click();
}
