/** Real SDK clients whose requests end in a function of the test instead of a socket. */

import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { HttpResponse as Reply } from '../../src/framework/http-message.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import type { WireRequest } from '../../src/protocols/wire.ts';

const require = createRequire(import.meta.url);
const { HttpResponse } = require('@smithy/core/transport') as { HttpResponse: new (parts: object) => unknown };
const sdkProtocols = require('@aws-sdk/core/protocols') as Record<string, unknown>;

/** The SDK's classes for protocols other than a client's own. */
const PROTOCOL_CLASSES: Readonly<Record<Protocol, string>> = {
  awsJson1_0: 'AwsJson1_0Protocol',
  awsJson1_1: 'AwsJson1_1Protocol',
  awsQuery: 'AwsQueryProtocol',
  ec2Query: 'AwsEc2QueryProtocol',
  restJson1: 'AwsRestJsonProtocol',
  restXml: 'AwsRestXmlProtocol',
  rpcv2Cbor: 'AwsSmithyRpcV2CborProtocol',
};

type SentRequest = {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
};

export type Call = { wire: WireRequest; body: Buffer };
export type SdkModule = Record<string, unknown>;

export type DrivenClient = {
  sdk: SdkModule;
  /** Sends a command; `answer` is what the server does with the request. */
  send(operation: string, input: object, answer: (call: Call) => Promise<Reply>): Promise<unknown>;
};

export const BUCKET = 'my-bucket';

export function drivenClient(service: string, protocol: Protocol | undefined): DrivenClient {
  const sdk = require(`@aws-sdk/client-${service}`) as SdkModule;
  const name = Object.keys(sdk).find((key) => key.endsWith('Client') && key !== '__Client' && typeof sdk[key] === 'function') as string;
  const Client = sdk[name] as new (config: object) => { send(command: unknown): Promise<unknown> };
  let answering: (call: Call) => Promise<Reply> = () => Promise.reject(new Error('nothing was sent'));
  const handle = async (request: SentRequest) => {
    const reply = await answering(await received(service, request));
    return { response: new HttpResponse({ statusCode: reply.status, headers: reply.headers, body: bodyStream(reply.body) }) };
  };
  const client = new Client({
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
    forcePathStyle: true,
    disableHostPrefix: true,
    disableRequestCompression: true,
    // Signatures are not the subject here, and SigV4a would need another package.
    signer: { sign: (request: unknown) => Promise.resolve(request) },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK compares digests that the generated answers do not have.
    ...(service === 'sqs' && { md5: false }),
    ...(protocol !== undefined && { protocol: sdkProtocols[PROTOCOL_CLASSES[protocol]] }),
    requestHandler: { metadata: { handlerProtocol: 'http/1.1' }, handle },
  });
  return {
    sdk,
    send(operation, input, answer) {
      answering = answer;
      const Command = sdk[`${operation}Command`] as new (input: object) => unknown;
      return client.send(new Command(input));
    },
  };
}

async function received(service: string, request: SentRequest): Promise<Call> {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(request.headers))
    headers[name.toLowerCase()] = Buffer.from(String(value), 'utf8').toString('latin1');
  const query = new Map(
    Object.entries(request.query ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : [value ?? '']]),
  );
  const wire: WireRequest = { method: request.method, path: request.path, rawQuery: '', query, headers };
  const inBucket = service === 's3' && (request.path === `/${BUCKET}` || request.path.startsWith(`/${BUCKET}/`));
  if (inBucket) Object.assign(wire, { bucket: BUCKET, path: request.path.slice(BUCKET.length + 1) || '/' });
  return { wire, body: await bytesOf(request.body) };
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array | string>) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

function bodyStream(body: Reply['body']): Readable {
  if (body instanceof Readable) return body;
  return Readable.from(body === undefined || body.length === 0 ? [] : [Buffer.from(body as Uint8Array)]);
}
