/** A bucket, or a prefix of it, holds the blobs of one store: another one's housekeeping would take them for left behind. */

import { randomBytes } from 'node:crypto';
import { BlobPlaceRefused } from '../blob-store.ts';
import { claimPlace } from '../blobs/claim.ts';
import { encodeKey } from '../keys.ts';
import type { Store } from '../store.ts';
import type { RemoteClient } from './client.ts';
import { describeRemote, type RemotePlace } from './place.ts';
import { sha256 } from '../../framework/request-signature.ts';

const name = 'haneul-owner';
const ownKey = encodeKey('blob-owner');

/** Throws BlobPlaceRefused for a bucket that is another store's, or is not there. */
export async function claimBucket(client: RemoteClient, place: RemotePlace, store: Store): Promise<void> {
  const own = await ownName(store);
  let found = await ownerOf(client, place);
  if (found === undefined) {
    const bytes = Buffer.from(own);
    // Where the other side knows conditions, two clouds that begin at once do not both win.
    const headers = { 'if-none-match': '*' };
    await client.ask({ method: 'PUT', name, headers, body: { pieces: [bytes], sha256: sha256(bytes) }, takes: [409, 412] });
    found = await ownerOf(client, place);
  }
  if (found !== own) throw new BlobPlaceRefused(`${describeRemote(place)} holds the blobs of another cloud; give each a prefix of its own`);
  await claimPlace(store, `a bucket as ${own}`);
}

async function ownerOf(client: RemoteClient, place: RemotePlace): Promise<string | undefined> {
  const { status, text } = await client.ask({ method: 'GET', name, takes: [404] });
  if (status !== 404) return text;
  if (text.includes('NoSuchBucket')) throw new BlobPlaceRefused(`there is no bucket ${place.bucket} at ${place.endpoint}; make it first`);
  return undefined;
}

/** By which buckets know this store. */
async function ownName(store: Store): Promise<string> {
  const made = randomBytes(12).toString('hex');
  return store.write(async (tx) => {
    const known = await tx.get(ownKey);
    if (known !== undefined) return JSON.parse(known) as string;
    await tx.put(ownKey, JSON.stringify(made));
    return made;
  });
}
