/** The newest events of the audit trail, as far as the reader may look them up. */

import type { LookupAttribute, LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { questionsTo } from '../session/questions.ts';

const askCloudTrail = questionsTo({ service: 'cloudtrail', target: 'CloudTrail_20131101' });

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
  const input: LookupEventsCommandInput = {
    ...{ MaxResults: max, LookupAttributes: attributes },
    ...(after !== undefined && { NextToken: after }),
  };
  const { Events = [], NextToken } = (await askCloudTrail('LookupEvents', input)) as { Events?: Listed[]; NextToken?: string };
  return { events: Events.map((event) => fromEvent(event)), next: NextToken };
}

type Listed = { EventId?: string; EventName?: string; /** Seconds. */ EventTime?: number; Username?: string; CloudTrailEvent?: string };

function fromEvent(event: Listed): TrailEvent {
  const raw = JSON.parse(event.CloudTrailEvent ?? '{}') as Raw;
  const arn = raw.userIdentity?.arn ?? '';
  return {
    id: event.EventId ?? '',
    requestId: raw.requestID ?? '',
    time: new Date((event.EventTime ?? 0) * 1000),
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
