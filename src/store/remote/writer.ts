/** Writes big blobs into another S3: in one request up to a part's length, else as a multipart upload, in constant memory. */

import { createHash, type Hash } from 'node:crypto';
import { createBlockChecksums } from '../blobs/block-checksums.ts';
import type { BigWriter } from '../blobs/stage.ts';
import type { RemoteClient, RemoteRequest } from './client.ts';
import { StoreAway } from '../store.ts';
import { sha256 } from '../../framework/request-signature.ts';

/** A multipart upload takes 10,000 parts: 80 GB, of which no blob has more than 5. */
const partBytes = 8 << 20;
/** Parts under way at once; with the one that is gathered, they are what a writer holds. */
const partsUnderWay = 2;

type Gathered = { pieces: Uint8Array[]; length: number; hash: Hash };
const nothing = (): Gathered => ({ pieces: [], length: 0, hash: createHash('sha256') });

/** `made` turns the name into an id once the object is there. */
export function createRemoteWriter(client: RemoteClient, name: string, made: () => string, ended: () => void): BigWriter {
  const checksums = createBlockChecksums();
  let gathered = nothing();
  let upload: string | undefined;
  const underWay = new Set<Promise<void>>();
  const parts: string[] = [];
  let failure: unknown;

  const sendPart = async (number: number, part: Gathered): Promise<void> => {
    const query = { partNumber: String(number), uploadId: upload! };
    const { headers, body } = await client.send({ method: 'PUT', name, query, body: bodyOf(part) });
    body.resume();
    parts[number - 1] = headers.etag ?? '';
  };
  /** Waits while too many are under way. */
  const flush = async (): Promise<void> => {
    const part = gathered;
    gathered = nothing();
    upload ??= await beginUpload(client, name);
    parts.push('');
    const sending: Promise<void> = sendPart(parts.length, part)
      .catch((error: unknown) => void (failure ??= error))
      .finally(() => underWay.delete(sending));
    underWay.add(sending);
    while (underWay.size >= partsUnderWay) await Promise.race(underWay);
    if (failure) throw failure;
  };
  const add = async (bytes: Uint8Array): Promise<void> => {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + partBytes - gathered.length);
      gathered.pieces.push(piece);
      gathered.hash.update(piece);
      gathered.length += piece.length;
      at += piece.length;
      if (gathered.length === partBytes) await flush();
    }
  };
  const complete = async (): Promise<void> => {
    if (gathered.length > 0) await flush();
    await Promise.all(underWay);
    if (failure) throw failure;
    await completeUpload(client, name, upload!, parts);
  };

  return {
    write(bytes) {
      checksums.update(bytes);
      return add(bytes);
    },
    async finish() {
      const { table, whole } = checksums.finish();
      await add(table);
      if (upload === undefined) await put(client, { name, body: bodyOf(gathered) });
      else await complete();
      ended();
      return { id: made(), crc32: whole };
    },
    async abort() {
      await Promise.all(underWay);
      ended();
      // What cannot be taken back now, housekeeping finds.
      if (upload !== undefined) await abortUpload(client, name, upload).catch(() => {});
    },
  };
}

async function beginUpload(client: RemoteClient, name: string): Promise<string> {
  const { text } = await client.ask({ method: 'POST', name, query: { uploads: '' } });
  const id = /<UploadId>([^<]+)<\/UploadId>/.exec(text)?.[1];
  if (id === undefined) throw new StoreAway('the other side begins no multipart upload');
  return unescaped(id);
}

async function completeUpload(client: RemoteClient, name: string, uploadId: string, etags: readonly string[]): Promise<void> {
  const listed = etags.map((etag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`).join('');
  const xml = Buffer.from(`<CompleteMultipartUpload>${listed}</CompleteMultipartUpload>`);
  const body = { pieces: [xml], sha256: sha256(xml) };
  // Tried again after an answer that was lost, it may find the upload completed already: then there is the object.
  const { status, text } = await client.ask({ method: 'POST', name, query: { uploadId }, body, takes: [404] });
  if (status === 404 && (await client.ask({ method: 'HEAD', name, takes: [404] })).status !== 404) return;
  // An error may come behind a status of success, which was sent to keep the connection open.
  if (status === 404 || text.includes('<Error>')) throw new StoreAway('the other side did not complete a multipart upload');
}

export async function put(client: RemoteClient, request: Pick<RemoteRequest, 'name' | 'body'>): Promise<void> {
  const { body } = await client.send({ method: 'PUT', ...request });
  body.resume();
}

export async function abortUpload(client: RemoteClient, name: string, uploadId: string): Promise<void> {
  await client.ask({ method: 'DELETE', name, query: { uploadId }, takes: [404] });
}

function bodyOf({ pieces, hash }: Gathered): NonNullable<RemoteRequest['body']> {
  return { pieces, sha256: hash.digest('hex') };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

export function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
