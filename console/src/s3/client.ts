/** The client of S3. Buckets stand in the path, so that the page's own address serves them all. */

import { S3Client } from '@aws-sdk/client-s3';
import { clientOf } from '../session/clients.ts';

export const s3 = clientOf(S3Client, {
  config: {
    forcePathStyle: true,
    followRegionRedirects: true,
    // A browser cannot send a checksum after a body; S3 has the signature's hash, or TLS, to go by.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  },
});

/** The last part of a key: what it is called in its folder. */
export function nameOfKey(key: string): string {
  const parts = key.split('/');
  return key.endsWith('/') ? `${parts.at(-2) ?? ''}/` : (parts.at(-1) ?? key);
}
