/** The one attribute by which events may be looked up. */

import type { AuditEvent } from '../../../framework/audit.ts';
import { invalidLookupAttributes } from '../errors.ts';
import { userNameOf } from './event.ts';

type Attribute = { AttributeKey: string | undefined; AttributeValue: string | undefined };
type Test = (event: AuditEvent, value: string) => boolean;

const VALUE_CHARACTERS_MAX = 2_000;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupAttribute.html */
const tests = new Map<string, Test>(
  Object.entries<Test>({
    EventId: (event, value) => event.eventID === value,
    EventName: (event, value) => event.eventName === value,
    EventSource: (event, value) => event.eventSource === value,
    ReadOnly: (event, value) => String(event.readOnly) === value,
    Username: (event, value) => userNameOf(event) === value,
    AccessKeyId: (event, value) => event.userIdentity['accessKeyId'] === value,
    ResourceName: (event, value) =>
      event.resources?.some(({ ARN }) => ARN === value || ARN.slice(ARN.lastIndexOf(':') + 1).replace(/^[^/]+\//, '') === value) ?? false,
    ResourceType: (event, value) => event.resources?.some(({ type }) => type === value) ?? false,
  }),
);

/** Only management events are in the event history. Throws InvalidLookupAttributes. */
export function eventFilter(attributes: readonly Attribute[]): (event: AuditEvent) => boolean {
  if (attributes.length > 1) throw invalidLookupAttributes('Only one lookup attribute can be specified.');
  const [attribute] = attributes;
  if (!attribute) return (event) => event.managementEvent;
  const test = tests.get(attribute.AttributeKey ?? '');
  const value = attribute.AttributeValue ?? '';
  if (!test) throw invalidLookupAttributes(`Invalid lookup attribute key: ${attribute.AttributeKey}`);
  if (value === '' || value.length > VALUE_CHARACTERS_MAX)
    throw invalidLookupAttributes('The value of a lookup attribute must have 1 to 2000 characters.');
  return (event) => event.managementEvent && test(event, value);
}
