/** What every operation is handed: the caller, the moment, and the means. */

import type { AuditLog } from './audit.ts';
import type { Check } from './authorization.ts';
import type { Aws } from './clients.ts';
import type { Clock } from './clock.ts';
import type { Host } from './host.ts';
import type { HttpRequest } from './http-message.ts';
import type { Meter, Usage } from './meter.ts';
import type { Actor } from './policy/principals.ts';
import type { Principal } from './principal.ts';
import type { Random } from './random.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';

export interface ServiceRequest {
  /** The service folder's name, for example `route-53`. */
  readonly service: string;
  readonly operation: string;
  /** The caller's account, 12 digits; for anonymous callers the account that owns the resource is found by the operation. */
  readonly account: string;
  readonly region: string;
  readonly principal: Principal;
  readonly requestId: string;
  /** Cloud time when the request arrived, milliseconds since the epoch. */
  readonly now: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Store;
  readonly blobs: BlobStore;
  /** Other services, called as this caller: authorised, metered and audited like any call. */
  readonly aws: Aws;
  /**
   * The same as another principal: a service's own, or a role that it was given. A `quiet` call leaves no trace in the audit trail
   * and on the bill: for a service that looks up what another one knows, which AWS shows to nobody.
   */
  awsAs(principal: Principal, where?: { account?: string; region?: string; quiet?: boolean }): Aws;
  readonly host: Host;
  readonly audit: AuditLog;
  /** Reading side of the usage that was metered. */
  readonly meter: Meter;
  /** Aborted when the client has gone or the cloud closes. */
  readonly signal: AbortSignal;
  /** How the caller reached us, to echo in URLs: `http://localhost:4566`. */
  readonly endpoint: { readonly scheme: 'http' | 'https'; readonly host: string };
  readonly sourceIp: string;
  readonly userAgent: string;
  /** The access key that signed, without its secret; undefined for anonymous and in-process calls. */
  readonly accessKeyId: string | undefined;
  /** True for calls that one service makes to another in process. */
  readonly internal: boolean;
  /** The services through which the caller came, the first one first: `s3.amazonaws.com`. Empty for calls from outside. */
  readonly via: readonly string[];
  /** The message on the wire; undefined for in-process calls. Only for what the schema does not carry. */
  readonly http: HttpRequest | undefined;
  /** Throws AccessDenied unless the caller may also do this: iam:PassRole, the source of a copy. */
  permit(check: Check): Promise<void>;
  /** True when the caller may; for answers that AWS shapes by permission (404 or 403 in S3). `as` asks for another caller: a web identity. */
  permits(check: Check, as?: Actor): Promise<boolean>;
  /** Does an MFA device of the caller show this code now? A code that fitted once fits no more (sts:GetSessionToken, S3's MFA delete). */
  readonly mfaCodeFits?: (serial: string, code: string) => Promise<boolean>;
  /** Records usage beyond the call itself: bytes stored, bytes sent. */
  use(usage: Usage): void;
}
