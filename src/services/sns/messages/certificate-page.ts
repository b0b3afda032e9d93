/** `GET /_aws/sns/SimpleNotificationService-….pem`: the certificate that signatures are checked with, for everyone. */

import type { Pages } from '../../../framework/service.ts';
import { certificatePath } from './envelope.ts';
import { signerOf } from './signing.ts';

export const certificatePage: Pages = async (means, { method, rawPath }) => {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const signer = await signerOf(means);
  if (rawPath !== certificatePath(signer.fingerprint)) return undefined;
  return { status: 200, headers: { 'content-type': 'application/x-pem-file' }, body: signer.certificate };
};
