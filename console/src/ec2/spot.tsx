/** Spot: requests for spare capacity at a price below the usual one, and what it has cost over time. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import {
  CancelSpotInstanceRequestsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeSpotPriceHistoryCommand,
  RequestSpotInstancesCommand,
  type _InstanceType,
  type RequestSpotInstancesCommandOutput,
  type SpotInstanceRequest,
  type SpotInstanceType,
  type SpotPrice,
} from '@aws-sdk/client-ec2';
import { FromShell } from '../from-shell/panel.tsx';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { LineGraph, type Line } from '../resource/line-graph.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { cloudNow } from '../session/private-api.ts';
import { setQuery, usePlace } from '../shell/places.ts';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { ec2Collection, imageChoices, only, subnetChoices, typeChoices } from './ec2-collection.tsx';
import { IdLink } from './id-link.tsx';
import { messages } from './messages-capacity.ts';

type Keys = keyof (typeof messages)['en'];

export const spotRequests = ec2Collection<SpotInstanceRequest, Keys>({
  path: 'spot-requests',
  messages,
  ...{ title: 'spotRequests', emptyTitle: 'spotRequestsEmpty', emptyText: 'spotRequestsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeSpotInstanceRequestsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.SpotInstanceRequests ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }))
        .then(({ SpotInstanceRequests }) => SpotInstanceRequests),
    ),
  idOf: ({ SpotInstanceRequestId }) => SpotInstanceRequestId!,
  settled: ({ Status }) => Status?.Code !== 'pending-evaluation' && Status?.Code !== 'pending-fulfillment',
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ SpotInstanceRequestId }) => SpotInstanceRequestId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'status', header: t.status, width: 240, cell: ({ Status }) => Status?.Code ?? '' },
    { id: 'type', header: t.type, cell: ({ LaunchSpecification: launch }) => launch?.InstanceType ?? '' },
    { id: 'price', header: t.maximum, cell: ({ SpotPrice: price }) => (price === undefined ? '' : `$${price}`) },
    {
      ...{ id: 'instance', header: t.instance },
      cell: ({ InstanceId }) => <IdLink kind="instances" id={InstanceId} />,
      text: ({ InstanceId = '' }) => InstanceId,
    },
    { id: 'created', header: t.created, cell: ({ CreateTime }) => timeText(CreateTime), text: ({ CreateTime }) => Number(CreateTime) },
  ],
  facts: ({ Status, Type, InstanceInterruptionBehavior, ValidUntil, LaunchSpecification: launch }, t) => [
    { label: t.why, value: Status?.Message },
    { label: t.persistence, value: Type },
    { label: t.behaviour, value: InstanceInterruptionBehavior },
    { label: t.until, value: timeText(ValidUntil) },
    { label: t.image, value: launch?.ImageId },
  ],
  create: {
    ...{ text: 'requestSpot', hint: 'requestSpotText' },
    fields: async (t) => {
      const [images, types, subnets] = await Promise.all([imageChoices(), typeChoices(), subnetChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'image', kind: 'select', label: t.image, required: true, options: images },
        { name: 'type', kind: 'select', label: t.type, required: true, initial: 't3.micro', options: types },
        { name: 'subnet', kind: 'select', label: t.subnet, initial: '', options: [{ value: '', label: t.anyZone }, ...subnets] },
        { name: 'count', kind: 'number', label: t.count, required: true, initial: '1', min: 1, max: 100 },
        {
          ...{ name: 'price', kind: 'text', label: t.maximum, description: t.maximumHint, placeholder: '0.0104' },
          check: (value) => (value === '' || /^\d+(\.\d+)?$/.test(value) ? undefined : t.priceFault),
        },
        {
          ...{ name: 'kind', kind: 'tiles', label: t.persistence, required: true, initial: 'one-time' },
          options: [
            { value: 'one-time', label: t.once, description: t.onceText },
            { value: 'persistent', label: t.persistent, description: t.persistentText },
          ],
        },
      ];
    },
    actionsOf: (values) => {
      const [name, image, type] = [read.text(values, 'name'), read.text(values, 'image'), read.text(values, 'type')];
      const [subnet, kind, price] = [read.text(values, 'subnet'), read.text(values, 'kind'), read.text(values, 'price')];
      const body = {
        ...{ ami: image, instance_type: type, subnet_id: subnet, spot_price: price, spot_type: kind },
        tags: terraformTags(name),
      };
      const command = new RequestSpotInstancesCommand({
        ...{ InstanceCount: read.number(values, 'count') ?? 1, Type: kind as SpotInstanceType, SpotPrice: price },
        LaunchSpecification: { ImageId: image, InstanceType: type as _InstanceType, ...(subnet && { SubnetId: subnet }) },
        ...tagged('spot-instances-request', name),
      });
      return [
        {
          ...{ service: 'ec2', operation: 'RequestSpotInstances', command },
          terraform: [{ type: 'aws_spot_instance_request', name: name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => {
      const { SpotInstanceRequests = [] } = output as RequestSpotInstancesCommandOutput;
      return SpotInstanceRequests.length === 1 ? SpotInstanceRequests[0]!.SpotInstanceRequestId : undefined;
    },
  },
  deeds: [
    {
      ...{ id: 'cancel', text: 'cancelSpot', hint: 'cancelSpotText' },
      when: ({ State }) => State === 'open' || State === 'active' || State === 'disabled',
      actionsOf: ({ SpotInstanceRequestId }) => [
        {
          ...{ service: 'ec2', operation: 'CancelSpotInstanceRequests' },
          command: new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [SpotInstanceRequestId!] }),
        },
      ],
    },
  ],
});

const spanDays = { day: 1, week: 7, month: 30, quarter: 90 } as const;
type Span = keyof typeof spanDays;

function historyOf(type: string, days: number, now: Date): DescribeSpotPriceHistoryCommand {
  return new DescribeSpotPriceHistoryCommand({
    ...{ InstanceTypes: [type as _InstanceType], ProductDescriptions: ['Linux/UNIX'], MaxResults: 1_000 },
    StartTime: new Date(now.getTime() - days * 86_400_000),
  });
}

/** Prices by zone, oldest first; each holds until the next. */
async function loadPrices(type: string, days: number): Promise<{ lines: Line[]; now: Date; command: DescribeSpotPriceHistoryCommand }> {
  const now = await cloudNow();
  const command = historyOf(type, days, now);
  const prices: SpotPrice[] = [];
  let after: string | undefined;
  do {
    const page = await ec2().send(new DescribeSpotPriceHistoryCommand({ ...command.input, ...(after && { NextToken: after }) }));
    prices.push(...(page.SpotPriceHistory ?? []));
    after = page.NextToken || undefined;
  } while (after !== undefined);
  const start = now.getTime() - days * 86_400_000;
  const zones = [...new Set(prices.map(({ AvailabilityZone }) => AvailabilityZone!))].sort();
  const lines = zones.map((name) => ({
    name,
    points: prices
      .filter(({ AvailabilityZone }) => AvailabilityZone === name)
      .map(({ Timestamp, SpotPrice: price }) => ({ at: Math.max(start, Timestamp!.getTime()), value: Number(price) }))
      .sort((one, other) => one.at - other.at),
  }));
  return { lines, now, command };
}

export function SpotPrices() {
  const t = useText(messages);
  const { query } = usePlace();
  const type = query.get('type') ?? 't3.micro';
  const asked = query.get('span') ?? 'week';
  const span: Span = asked in spanDays ? (asked as Span) : 'week';
  const types = useAnswer(typeChoices, []);
  const prices = useAnswer(() => loadPrices(type, spanDays[span]), [type, span]);
  const spans = (Object.keys(spanDays) as Span[]).map((value) => ({ value, label: t[value] }));
  const { lines = [], now, command } = prices.value ?? {};
  const newest = lines.flatMap(({ name, points }) => (points.length > 0 ? [{ name, price: points.at(-1)!.value }] : []));
  const cheapest = newest.toSorted((a, b) => a.price - b.price)[0];
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t.spotPricesText}>
          {t.spotPrices}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <div className="choices">
          <FormField label={t.type}>
            <Select
              filteringType="auto"
              statusType={types.loading ? 'loading' : 'finished'}
              options={types.value ?? []}
              selectedOption={{ value: type, label: type }}
              onChange={({ detail }) => setQuery({ type: detail.selectedOption.value })}
            />
          </FormField>
          <FormField label={t.span}>
            <Select
              options={spans}
              selectedOption={spans.find(({ value }) => value === span)!}
              onChange={({ detail }) => setQuery({ span: detail.selectedOption.value })}
            />
          </FormField>
        </div>
        {prices.error !== undefined && <FailureAlert error={prices.error} />}
        {cheapest && <Alert>{fill(t.cheapest, { zone: cheapest.name, price: cheapest.price, type })}</Alert>}
        <Container header={<Header variant="h2">{fill(t.pricesOf, { type })}</Header>}>
          {now && lines.length > 0 ? (
            <LineGraph
              lines={lines}
              from={now.getTime() - spanDays[span] * 86_400_000}
              to={now.getTime()}
              steps
              valueText={(value) => `$${value.toFixed(4)}`}
              label={fill(t.pricesOf, { type })}
            />
          ) : (
            <Box color="text-body-secondary">{prices.loading ? t.loadingPrices : t.noPrices}</Box>
          )}
        </Container>
        {command && <FromShell actions={[{ service: 'ec2', operation: 'DescribeSpotPriceHistory', command }]} />}
      </SpaceBetween>
    </ContentLayout>
  );
}
