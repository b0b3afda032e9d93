/** Notifications of buckets: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html */

import { parseArn } from '../../../framework/arn.ts';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { configurationOf, deleteConfiguration, putConfiguration } from '../buckets/configurations.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidArgument, malformedXml, unreachableDestinations } from '../errors.ts';
import { notificationsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import type { Bucket } from '../tables.ts';
import { sendTo } from './deliveries.ts';
import { destinationsOf, overlap, type Destination, type Notifications } from './destinations.ts';
import { isEventName, testMessage } from './event.ts';

export const GetBucketNotificationConfiguration: Operation<'GetBucketNotificationConfiguration'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  return (await configurationOf<Notifications>(request, bucket, 'notification')) ?? {};
};

/** The destinations are sent a test event, and must take it. An empty configuration ends all notifications. */
export const PutBucketNotificationConfiguration: Operation<'PutBucketNotificationConfiguration'> = async (request, input) => {
  const given = input.NotificationConfiguration;
  const { bucket } = await lookUp(request, input.Bucket);
  refuseUnbuilt(given);
  const notifications = withIds(request, given);
  const destinations = destinationsOf(notifications);
  if (destinations.length === 0) {
    await deleteConfiguration(request, input.Bucket, 'notification');
    return {};
  }
  checkDestinations(bucket, notifications, destinations);
  if (!input.SkipDestinationValidation) await requireReachable(request, bucket, destinations);
  await putConfiguration(request, input.Bucket, 'notification', notifications);
  return {};
};

/** Functions and event buses are not built, so no function is there. */
function refuseUnbuilt(given: Notifications): void {
  if (given.EventBridgeConfiguration) throw notImplemented('s3:PutBucketNotificationConfiguration with EventBridgeConfiguration');
  const [lambda] = given.LambdaFunctionConfigurations ?? [];
  if (lambda) throw unreachableDestinations([[lambda.LambdaFunctionArn ?? '', 'The destination Lambda function does not exist']]);
}

type Filter = NonNullable<Notifications['QueueConfigurations']>[number]['Filter'];

/** However `prefix` and `suffix` are written, S3 keeps them as `Prefix` and `Suffix`. */
function withRuleNames<Each extends { Filter?: Filter }>(given: Each): Each {
  const rules = given.Filter?.Key?.FilterRules;
  if (!rules) return given;
  const named = rules.map((rule) => ({ ...rule, ...(rule.Name && { Name: ruleNames.get(rule.Name.toLowerCase()) ?? rule.Name }) }));
  return { ...given, Filter: { Key: { FilterRules: named } } };
}

const ruleNames = new Map([
  ['prefix', 'Prefix' as 'prefix'],
  ['suffix', 'Suffix' as 'suffix'],
]);

function withIds(request: ServiceRequest, given: Notifications): Notifications {
  const named = <Each extends { Id?: string | undefined; Filter?: Filter }>(list: readonly Each[] | undefined): Each[] =>
    (list ?? []).map((each) => ({ ...withRuleNames(each), Id: each.Id || request.random.uuid() }));
  const queues = named(given.QueueConfigurations);
  const topics = named(given.TopicConfigurations);
  return {
    ...(queues.length > 0 && { QueueConfigurations: queues }),
    ...(topics.length > 0 && { TopicConfigurations: topics }),
  };
}

function checkDestinations(bucket: Bucket, notifications: Notifications, destinations: readonly Destination[]): void {
  if (destinations.length > notificationsMax) throw malformedXml();
  for (const { Filter } of [...(notifications.QueueConfigurations ?? []), ...(notifications.TopicConfigurations ?? [])])
    checkFilter(Filter?.Key?.FilterRules ?? []);
  for (const [i, destination] of destinations.entries()) {
    checkEvents(destination.events);
    checkArn(bucket, destination.arn, i < (notifications.QueueConfigurations?.length ?? 0) ? 'sqs' : 'sns');
    for (const other of destinations.slice(0, i)) {
      if (other.id === destination.id)
        throw invalidArgument('Same ID used for multiple configurations. IDs must be unique', 'Id', destination.id);
      if (overlap(other, destination))
        throw invalidArgument(
          'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
          'Event',
          destination.events.join(','),
        );
    }
  }
}

function checkEvents(events: readonly string[]): void {
  if (events.length === 0) throw malformedXml();
  for (const event of events)
    if (!isEventName(event)) throw invalidArgument(`The event '${event}' is not supported for notifications`, 'Event', event);
}

const filterValueLengthMax = 1024;

function checkFilter(rules: readonly { Name?: string | undefined; Value?: string | undefined }[]): void {
  const seen = new Set<string>();
  for (const { Name, Value } of rules) {
    if (Name === undefined || Value === undefined) throw malformedXml();
    const name = Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix')
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', Name);
    if (seen.has(name)) throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', Name);
    if (Value.length > filterValueLengthMax)
      throw invalidArgument(`Size of filter rule value cannot exceed ${filterValueLengthMax} bytes in UTF-8.`, 'FilterRule.Value', Value);
    seen.add(name);
  }
}

function checkArn(bucket: Bucket, arn: string, service: 'sqs' | 'sns'): void {
  const parsed = parseArn(arn);
  if (parsed?.service !== service || !/^\d{12}$/.test(parsed.account) || parsed.resource === '')
    throw invalidArgument(
      parsed ? 'The ARN is not well formed' : 'The ARN could not be parsed',
      service === 'sqs' ? 'Queue' : 'Topic',
      arn,
    );
  if (parsed.region !== bucket.region)
    throw invalidArgument(
      'The notification destination service region is not valid for the bucket location constraint',
      service === 'sqs' ? 'Queue' : 'Topic',
      arn,
    );
  if (service === 'sqs' && parsed.resource.endsWith('.fifo')) throw invalidArgument('FIFO SQS queues are not supported.', 'Queue', arn);
}

async function requireReachable(request: ServiceRequest, bucket: Bucket, destinations: readonly Destination[]): Promise<void> {
  const message = testMessage(bucket.name, request.requestId, request.now);
  const refused: [arn: string, why: string][] = [];
  for (const arn of new Set(destinations.map((each) => each.arn))) {
    try {
      await sendTo(request, bucket, arn, message);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      refused.push([arn, whyNot(arn, error)]);
    }
  }
  if (refused.length > 0) throw unreachableDestinations(refused);
}

function whyNot(arn: string, error: AwsError): string {
  const kind = parseArn(arn)!.service === 'sqs' ? 'queue' : 'topic';
  if (/NonExistent|NotFound|DoesNotExist/.test(error.code)) return `The destination ${kind} does not exist`;
  return `Permissions on the destination ${kind} do not allow S3 to publish notifications from this bucket`;
}
