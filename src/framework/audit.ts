/** The audit trail: one event for every call, in CloudTrail's form. */

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export type AuditEvent = {
  eventVersion: string;
  eventID: string;
  /** ISO 8601, seconds, cloud time. */
  eventTime: string;
  eventSource: string;
  eventName: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  requestID: string;
  readOnly: boolean;
  /** Management or data event, as CloudTrail sorts them. */
  managementEvent: boolean;
  recipientAccountId: string;
  userIdentity: Record<string, unknown>;
  requestParameters?: unknown;
  responseElements?: unknown;
  errorCode?: string;
  errorMessage?: string;
  resources?: { ARN: string; accountId?: string; type?: string }[];
  /** Not CloudTrail's: how authorisation was decided, for `haneul why`. */
  decision?: unknown;
};

export type AuditQuery = {
  account: string;
  region?: string;
  from?: number;
  to?: number;
  /** Newest first. */
  limit: number;
  /** Continue after this event. */
  after?: string;
  matches?: (event: AuditEvent) => boolean;
};

export interface AuditLog {
  /** Notes an event; written behind within a second (and on close): a kill may lose the last second of events. */
  append(event: AuditEvent): void;
  /**
   * Notes an event that is made a little later, with others of this turn of the event loop: written in a row they cost a fraction of
   * what each costs between two calls. What it is made of must not change any more. Undefined where it could not be made.
   */
  appendLater(make: () => AuditEvent | undefined): void;
  lookup(query: AuditQuery): Promise<{ events: AuditEvent[]; next?: string }>;
  /** The event of one request id (what the caller saw), in any account. */
  find(requestId: string): Promise<AuditEvent | undefined>;
}
