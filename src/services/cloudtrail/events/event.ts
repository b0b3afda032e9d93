/** Audit events as LookupEvents shows them. */

import type { AuditEvent } from '../../../framework/audit.ts';

/** Who CloudTrail says it was: the user's name, the session's name, or `root`. */
export function userNameOf({ userIdentity }: AuditEvent): string | undefined {
  switch (userIdentity['type']) {
    case 'Root':
      return 'root';
    case 'IAMUser':
      return text(userIdentity['userName']);
    case 'AssumedRole':
    case 'FederatedUser':
      return text(userIdentity['principalId'])?.split(':').at(-1);
    default:
      return text(userIdentity['invokedBy']);
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html */
export function shownEvent(event: AuditEvent) {
  const { decision: _, ...record } = event;
  const accessKeyId = text(event.userIdentity['accessKeyId']);
  const name = userNameOf(event);
  return {
    EventId: event.eventID,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    EventTime: new Date(event.eventTime),
    EventSource: event.eventSource,
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    ...(name !== undefined && { Username: name }),
    Resources: (event.resources ?? []).map(({ ARN, type }) => ({ ResourceName: ARN, ...(type !== undefined && { ResourceType: type }) })),
    CloudTrailEvent: JSON.stringify({ ...record, eventType: 'AwsApiCall', eventCategory: event.managementEvent ? 'Management' : 'Data' }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
