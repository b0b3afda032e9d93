/** A service is a definition object: its contents page. */

import type { Authorizer, Check, Unsigned } from './authorization.ts';
import type { Clock } from './clock.ts';
import type { Host, Need } from './host.ts';
import type { IdentityProvider } from './identity.ts';
import type { Handlers, InputOf, OperationName } from './operation.ts';
import type { Reconciler, ReconcilerContext } from './reconciler.ts';
import type { HttpRequest, HttpResponse } from './http-message.ts';
import type { Random } from './random.ts';
import type { ServiceRequest } from './request.ts';
import type { Store } from '../store/store.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { AnyTable } from '../store/table.ts';

/** Answers paths under `/_aws/SERVICE/`, which are open to everyone (a certificate): undefined where there is nothing. */
export type Pages = (means: PageMeans, request: HttpRequest) => Promise<HttpResponse | undefined>;
export type PageMeans = { store: Store; random: Random; now: number; clock: Clock; host: Host; log: (line: string) => void };

/** Answers a GET of the cloud's owner with plain data, which is sent as JSON. */
export type OwnerPage = (
  means: { store: Store; blobs: BlobStore; host: Host; random: Random; now: number },
  query: URLSearchParams,
) => Promise<unknown>;

export type ServiceDefinition<Sdk = any> = {
  /** The folder's name, as in `@aws-sdk/client-<name>`. */
  name: string;
  /** Implemented operations; every other of the SDK answers NotImplemented. */
  operations: Handlers<Sdk>;
  /** One entry for each operation: the start refuses a definition with a hole. */
  authorize: { [Name in OperationName<Sdk>]?: Authorizer<InputOf<Sdk, Name>> | Unsigned };
  tables?: readonly AnyTable[];
  reconcilers?: readonly Reconciler[];
  needs?: readonly Need[];
  /** Error code of a denial; `AccessDenied` or, for JSON services, `AccessDeniedException` when absent (EC2: UnauthorizedOperation). */
  deniedCode?: string;
  /** Operations that CloudTrail counts as data events (S3 objects, SQS messages); the rest are management events. */
  dataEvents?: readonly OperationName<Sdk>[];
  /** Only IAM: who answers the gateway's questions of identity. */
  identity?: (context: Omit<ReconcilerContext, 'now' | 'log' | 'giveWay'>) => IdentityProvider;
  /** HTTP requests that are not API calls but belong to this service (S3's CORS preflight); undefined lets the gateway go on. */
  beforeRouting?: (request: ServiceRequest) => Promise<import('./http-message.ts').HttpResponse | undefined>;
  /** What a call itself is billed with besides its count, where calls cost: by what it was allowed to do, whose it is and of which resource. */
  callUsage?: (check: Check) => { account?: string; resource?: string };
  /**
   * The first of the service's checks, before missing members are told in the usual words and before authorisation: throws AwsError for
   * what is wrong with the form of an input. `missing` are the paths of required members that are absent (`tags.1.member.key`).
   */
  checkInput?: (request: ServiceRequest, input: object, missing: readonly string[]) => void;
  /**
   * What an operation is to see of its input, asked before it is authorised: S3 puts the bucket in the place of an access point. The trail
   * keeps the input as it came.
   */
  resolveInput?: (request: ServiceRequest, input: object) => object | Promise<object>;
  /** Public pages of the service's own, under `/_aws/SERVICE/`. */
  pages?: Pages;
  /** Pages for other clouds, below `/_aws/SERVICE/`: posts that are signed. Each asks for the permission that it needs (`request.permit`). */
  signedPages?: Readonly<Record<string, (request: ServiceRequest, body: Buffer) => Promise<HttpResponse>>>;
  /** Another API than that of its SDK, below a path of its own: signed requests, whose answers ask for the permissions that they need. */
  signedPaths?: { prefix: string; answer: (request: ServiceRequest, body: Buffer) => Promise<HttpResponse> };
  /** Pages for the cloud's owner alone, by the path below `/_aws/SERVICE/` (SQS: `messages`). */
  ownerPages?: Readonly<Record<string, OwnerPage>>;
  /** Last touch on a response, for headers outside the schema (CORS). */
  afterReply?: (request: ServiceRequest, response: import('./http-message.ts').HttpResponse) => void | Promise<void>;
};

/** Checks at start-up what the types cannot say. */
export function defineService<Sdk>(definition: ServiceDefinition<Sdk>): ServiceDefinition<Sdk> {
  const unauthorised = Object.keys(definition.operations).filter((name) => !(name in definition.authorize));
  if (unauthorised.length > 0) throw new Error(`${definition.name}: no authorisation is declared for ${unauthorised.join(', ')}`);
  return definition;
}
