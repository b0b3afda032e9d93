/** The parts of a browser's upload: its fields, and its file as a stream that is never whole in memory. */

import { Transform, type Readable } from 'node:stream';
import type { BusboyInstance } from '@fastify/busboy';
import { AwsError } from '../../framework/aws-error.ts';
import type { HttpRequest } from '../../framework/http-message.ts';
import { plainStep, streamBody } from '../streaming-body.ts';
import { invalidArgument, malformedPost, tooMuchBeforeFile, tooFewBytes, tooManyBytes } from './errors.ts';

/** What may stand before the file: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */
const fieldBytesMax = 20 * 1024;
const fieldsMax = 200;

export type PostForm = {
  /** By name in lower case; the first of a name counts. */
  fields: ReadonlyMap<string, string>;
  file: Readable;
  /** As the browser names it, without directories; undefined where it names none. */
  filename: string | undefined;
  /** Lets the rest of the form be. */
  abandon: () => void;
};

/** Reads up to the file. What follows it is of no interest. Throws what S3 throws for a form that is none. */
export async function readForm(request: HttpRequest): Promise<PostForm> {
  const parser = await newParser(request.headers['content-type']!);
  const fields = new Map<string, string>();
  let bytes = 0;
  // A stream of its own: giving it up leaves the connection whole, and a client that stalls is not waited for.
  const body = streamBody(request.body, plainStep);
  try {
    return await new Promise<PostForm>((resolve, reject) => {
      parser.on('field', (name: string, value: string, _nameTruncated: boolean, truncated: boolean) => {
        bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
        if (truncated || bytes > fieldBytesMax) return reject(tooMuchBeforeFile(fieldBytesMax));
        const key = name.toLowerCase();
        if (!fields.has(key)) fields.set(key, value);
      });
      parser.on('fieldsLimit', () => reject(tooMuchBeforeFile(fieldBytesMax)));
      parser.on('file', (_name: string, file: Readable, filename: string | undefined) => {
        // A broken form breaks its file: whoever reads that is told.
        parser.on('error', (error: unknown) => file.destroy(malformedPost(error)));
        body.on('error', (error) => file.destroy(error));
        resolve({ fields: new Map(fields), file, filename: filename?.replace(/^.*[/\\]/, ''), abandon: () => body.destroy() });
      });
      parser.on('finish', () => reject(invalidArgument('POST requires exactly one file upload per request.', 'file', '0')));
      parser.on('error', (error: unknown) => reject(malformedPost(error)));
      body.on('error', reject);
      body.pipe(parser);
    });
  } catch (error) {
    body.destroy();
    throw error;
  }
}

/** The fields with the file's name in the place of `${filename}`. */
export function withFilename({ fields, filename }: PostForm): Map<string, string> {
  if (filename === undefined) return new Map(fields);
  return new Map([...fields].map(([name, value]) => [name, value.replaceAll('${filename}', filename)]));
}

/** Whether a part is the file is told by its name: browsers may leave the file's own name out, and clients give names to fields. */
async function newParser(contentType: string): Promise<BusboyInstance> {
  const { Busboy: Parser } = await import('@fastify/busboy'); // few clouds are ever sent a form
  try {
    return new Parser({
      headers: { 'content-type': contentType },
      isPartAFile: (name) => name === 'file',
      preservePath: true,
      limits: { fieldNameSize: 1024, fieldSize: fieldBytesMax, fields: fieldsMax, files: 1, headerPairs: 100, headerSize: 16 * 1024 },
    });
  } catch (error) {
    throw malformedPost(error);
  }
}

/** The file, refused while it flows when it is longer or shorter than the policy says. */
export function withinLength({ file, abandon }: PostForm, range: { min: number; max: number } | undefined): Readable {
  let size = 0;
  const step = new Transform({
    highWaterMark: 512 * 1024,
    transform: (bytes: Buffer, _encoding, done) => {
      size += bytes.length;
      if (range && size > range.max) done(tooManyBytes(size, range.max));
      else done(null, bytes);
    },
    flush: (done) => (range && size < range.min ? done(tooFewBytes(size, range.min)) : done()),
  });
  file.on('error', (error) => step.destroy(error instanceof AwsError ? error : malformedPost(error)));
  step.on('close', abandon);
  return file.pipe(step);
}
