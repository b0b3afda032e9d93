/** The aws-chunked coding: chunks, each perhaps signed, and trailers. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */

import { createHash, type Hash } from 'node:crypto';
import { AwsError } from '../../framework/aws-error.ts';
import { incomplete, type BodyStep, type Push } from '../streaming-body.ts';
import type { ChunkSignatures } from './chunk-signatures.ts';

/** A size in hex and a signature of at most 144 characters; or one trailer. */
const LINE_BYTES_MAX = 1_024;
const TRAILERS_MAX = 32;

export type AwsChunkedOptions = {
  /** `x-amz-decoded-content-length` */
  decodedLength: number;
  /** Present where chunks are signed. */
  signatures?: ChunkSignatures;
  /** Whether trailers follow the last chunk. */
  trailer: boolean;
  /** Names that `x-amz-trailer` announced, in lower case. */
  announced: readonly string[];
};

const lineEnd = Buffer.from('\r\n');
const nothing: Buffer = Buffer.alloc(0);

/** Decodes a body; throws IncompleteBody, SignatureDoesNotMatch or MalformedTrailerError. */
export class AwsChunkedDecoder implements BodyStep {
  /** Complete when the stream has ended; names in lower case. */
  readonly trailers: Record<string, string> = Object.create(null) as Record<string, string>;
  #options: AwsChunkedOptions;
  #state: 'size' | 'data' | 'dataEnd' | 'lastEnd' | 'trailer' | 'done' = 'size';
  #pending: Buffer = nothing;
  #left = 0;
  #decoded = 0;
  #signature: string | undefined;
  #hash: Hash | undefined;
  #signedTrailers: string[] = [];

  constructor(options: AwsChunkedOptions) {
    this.#options = options;
  }

  write(bytes: Buffer, push: Push): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#state === 'data' ? this.#takeData(push) : this.#takeLine());
  }

  end(): void {
    if (this.#state === 'trailer') this.#endTrailers();
    if ((this.#state !== 'done' && this.#state !== 'lastEnd') || this.#decoded !== this.#options.decodedLength) throw incomplete();
  }

  #takeData(push: Push): boolean {
    if (this.#pending.length === 0) return false;
    const bytes = this.#pending.length <= this.#left ? this.#pending : this.#pending.subarray(0, this.#left);
    this.#pending = this.#pending.subarray(bytes.length);
    this.#left -= bytes.length;
    this.#decoded += bytes.length;
    this.#hash?.update(bytes);
    push(bytes);
    if (this.#left === 0) this.#endChunk('dataEnd');
    return true;
  }

  #takeLine(): boolean {
    if (this.#state === 'done') {
      this.#pending = nothing;
      return false;
    }
    const at = this.#pending.indexOf(lineEnd);
    if (at > LINE_BYTES_MAX || (at < 0 && this.#pending.length > LINE_BYTES_MAX)) throw malformed();
    if (at < 0) return false;
    const line = this.#pending.toString('latin1', 0, at);
    this.#pending = this.#pending.subarray(at + 2);
    if (this.#state === 'size') this.#beginChunk(line);
    else if (this.#state === 'trailer') this.#takeTrailer(line);
    else if (line !== '') throw malformed();
    else this.#state = this.#state === 'dataEnd' ? 'size' : 'done';
    return true;
  }

  #beginChunk(line: string): void {
    const [size, extension] = splitOnce(line, ';');
    if (!/^[0-9a-fA-F]{1,12}$/.test(size.trim())) throw malformed();
    this.#left = Number.parseInt(size, 16);
    if (this.#decoded + this.#left > this.#options.decodedLength) throw incomplete();
    if (this.#options.signatures) {
      if (!extension?.startsWith('chunk-signature=')) throw malformed();
      this.#signature = extension.slice('chunk-signature='.length).trim();
      this.#hash = createHash('sha256');
    }
    if (this.#left > 0) this.#state = 'data';
    else this.#endChunk(this.#options.trailer ? 'trailer' : 'lastEnd');
  }

  #endChunk(next: 'dataEnd' | 'trailer' | 'lastEnd'): void {
    if (this.#hash) this.#options.signatures!.verifyChunk(this.#hash.digest('hex'), this.#signature!);
    this.#hash = undefined;
    this.#state = next;
  }

  /** An empty line ends the trailers, but some clients also write one before the trailers' signature. */
  #takeTrailer(line: string): void {
    if (line.trim() === '') {
      if (this.#trailersComplete()) this.#endTrailers();
      return;
    }
    const [name, value] = splitOnce(line, ':');
    const lowerName = name.trim().toLowerCase();
    if (value === undefined || !/^[a-z0-9-]{1,128}$/.test(lowerName) || this.#signedTrailers.length >= TRAILERS_MAX)
      throw malformedTrailer();
    this.trailers[lowerName] = value.trim();
    if (lowerName !== 'x-amz-trailer-signature') this.#signedTrailers.push(`${lowerName}:${value.trim()}\n`);
  }

  #trailersComplete(): boolean {
    const { signatures, announced } = this.#options;
    return (
      (!signatures || this.trailers['x-amz-trailer-signature'] !== undefined) &&
      announced.every((name) => this.trailers[name] !== undefined)
    );
  }

  #endTrailers(): void {
    if (!this.#trailersComplete()) throw malformedTrailer();
    this.#options.signatures?.verifyTrailer(this.#signedTrailers.join(''), this.trailers['x-amz-trailer-signature']!);
    this.#state = 'done';
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function malformed(): AwsError {
  return new AwsError('InvalidRequest', 'The body is not in the aws-chunked coding that its headers announce.', { status: 400 });
}

function malformedTrailer(): AwsError {
  return new AwsError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    { status: 400 },
  );
}
