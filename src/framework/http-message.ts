/** HTTP as the gateway sees it, whatever runtime's server took it in. */

import type { Readable } from 'node:stream';
import type { NamedPolicy } from './identity.ts';
import type { WebSocketOpener } from './web-socket.ts';

export type HttpRequest = {
  method: string;
  /** The path as sent: not decoded, not normalised, without the query. */
  rawPath: string;
  /** The query as sent, without `?`. */
  rawQuery: string;
  /** Names in lower case; repeated headers joined with `, ` (as node:http does). Latin-1 text. No prototype. Of HTTP/2's own, `:authority` is there under that name and as `host`. */
  headers: Readonly<Record<string, string>>;
  /** The single values of headers that came more than once, for signatures; undefined when none did. */
  repeatedHeaders?: Readonly<Record<string, readonly string[]>>;
  body: Readable;
  /** Set once the body has ended. */
  trailers: () => Readonly<Record<string, string>>;
  remoteAddress: string;
  /** True when the connection is TLS. */
  secure: boolean;
  /** Of TLS, as it calls them: `TLSv1.3`, `TLS_AES_128_GCM_SHA256`. */
  readonly tls?: TlsFacts | undefined;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
  /** S3 only, set by the gateway: the bucket, from the Host header or the path, and the raw path without it. An access point's host is given as its ARN. */
  s3?: { bucket: string; path: string; inHost: boolean; /** The Host is a website's. */ website?: boolean } | undefined;
  /** Where the call came out of a VPC, not over the internet: which, through which endpoint, and from which private address. */
  network?: CallersNetwork | undefined;
  /** The client asks for a WebSocket, and may be given one. */
  webSocket?: boolean | undefined;
};

export type TlsFacts = { version: string; cipher: string };

export type CallersNetwork = {
  vpc: string;
  vpcEndpoint?: string;
  /** What the endpoint lets through. */
  policy?: NamedPolicy;
  address: string;
};

/**
 * A body that can write itself piece by piece out of memory that it uses again: a piece is good until `write` resolves. It saves the
 * garbage of big bodies; whoever does not know of it reads the stream.
 */
export type SelfWriting = { writeTo(write: (piece: Uint8Array) => Promise<void>): Promise<void> };

export type HttpResponse = {
  status: number;
  headers: Record<string, string>;
  body?: Readable | Uint8Array | string;
  /** Upgrades the connection; for requests that ask for a WebSocket. The status is 101 then. */
  webSocket?: WebSocketOpener;
};
