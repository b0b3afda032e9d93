/** The newest events of the audit trail, as far as the reader may look them up. */

import { LookupEventsCommand, type LookupAttribute } from '@aws-sdk/client-cloudtrail';
import { cloudtrail } from './client.ts';

export type TrailEvent = {
  id: string;
  requestId: string;
  time: Date;
  name: string;
  /** `sqs` */
  source: string;
  who: string;
  readOnly: boolean;
  error?: { code: string; message: string };
  resources: readonly string[];
  region: string;
  address: string;
  /** As CloudTrail writes them: secrets are struck out. */
  parameters?: object;
  /** The whole event. */
  text: string;
};

type Raw = {
  requestID?: string;
  eventSource?: string;
  readOnly?: boolean;
  awsRegion?: string;
  sourceIPAddress?: string;
  requestParameters?: object | null;
  resources?: { ARN?: string }[];
  errorCode?: string;
  errorMessage?: string;
  userIdentity?: { arn?: string; type?: string; invokedBy?: string };
};

export async function newestEvents({
  after,
  max = 50,
  attributes = [],
}: { after?: string | undefined; max?: number; attributes?: LookupAttribute[] } = {}): Promise<{
  events: TrailEvent[];
  next: string | undefined;
}> {
  const { Events = [], NextToken } = await cloudtrail().send(
    new LookupEventsCommand({ MaxResults: max, LookupAttributes: attributes, ...(after !== undefined && { NextToken: after }) }),
  );
  return { events: Events.map((event) => fromEvent(event)), next: NextToken };
}

function fromEvent(event: {
  EventId?: string;
  EventName?: string;
  EventTime?: Date;
  Username?: string;
  CloudTrailEvent?: string;
}): TrailEvent {
  const raw = JSON.parse(event.CloudTrailEvent ?? '{}') as Raw;
  const arn = raw.userIdentity?.arn ?? '';
  return {
    id: event.EventId ?? '',
    requestId: raw.requestID ?? '',
    time: event.EventTime ?? new Date(0),
    name: event.EventName ?? '',
    source: (raw.eventSource ?? '').split('.')[0]!,
    who: event.Username ?? arn.split(/[/:]/).at(-1) ?? raw.userIdentity?.type ?? '',
    readOnly: raw.readOnly ?? false,
    ...(raw.errorCode !== undefined && { error: { code: raw.errorCode, message: raw.errorMessage ?? '' } }),
    resources: (raw.resources ?? []).flatMap(({ ARN }) => ARN ?? []),
    region: raw.awsRegion ?? '',
    address: raw.sourceIPAddress ?? '',
    ...(raw.requestParameters && { parameters: raw.requestParameters }),
    text: event.CloudTrailEvent ?? '{}',
  };
}

export function isDenial({ error }: TrailEvent): boolean {
  return error !== undefined && /AccessDenied|NotAuthorized|UnauthorizedOperation|AuthorizationError|Forbidden/.test(error.code);
}
