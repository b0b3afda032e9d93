/** The chain of signatures over the chunks of a streamed body: each signs its chunk and the signature before it. */

import { hash, type KeyObject } from 'node:crypto';
import type { AwsError } from '../../framework/aws-error.ts';
import { emptyHash } from '../payload-hash.ts';
import type { Claim } from './claim.ts';
import { sameText, signSigV4 } from './sigv4.ts';
import { verifyEcdsa } from './sigv4a.ts';

export type ChunkSignatures = {
  /** Throws when the signature does not belong to this chunk in this place. */
  verifyChunk(chunkHash: string, signature: string): void;
  /** `trailers` is `name:value\n` of each. */
  verifyTrailer(trailers: string, signature: string): void;
};

/** `refused` words the refusal; it is given the string that should have been signed. */
export function chunkSignatures(
  claim: Claim,
  key: KeyObject,
  refused: (stringToSign: string, signature: string) => AwsError,
): ChunkSignatures {
  let previous = claim.signature;
  const verify = (kind: 'PAYLOAD' | 'TRAILER', hashes: string, signature: string): void => {
    const stringToSign = `${claim.algorithm}-${kind}\n${claim.timestamp}\n${claim.scope}\n${previous}\n${hashes}`;
    const valid =
      claim.algorithm === 'AWS4-HMAC-SHA256'
        ? sameText(signature, signSigV4(key, stringToSign))
        : verifyEcdsa(key, stringToSign, signature);
    if (!valid) throw refused(stringToSign, signature);
    previous = claim.algorithm === 'AWS4-HMAC-SHA256' ? signature : signature.replace(/\*+$/, '');
  };
  return {
    verifyChunk: (chunkHash, signature) => verify('PAYLOAD', `${emptyHash}\n${chunkHash}`, signature),
    verifyTrailer: (trailers, signature) => verify('TRAILER', hash('sha256', trailers), signature),
  };
}
