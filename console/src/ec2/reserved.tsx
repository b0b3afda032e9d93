/** Reserved instances: what was bought, and the form that finds an offering by its terms and buys it. */

import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import {
  DescribeReservedInstancesCommand,
  DescribeReservedInstancesOfferingsCommand,
  PurchaseReservedInstancesOfferingCommand,
  type _InstanceType,
  type ReservedInstances,
  type ReservedInstancesOffering,
} from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf, setQuery, usePlace } from '../shell/places.ts';
import { ec2 } from './client.ts';
import { ec2Collection, only, typeChoices } from './ec2-collection.tsx';
import { messages } from './messages-capacity.ts';

type Keys = keyof (typeof messages)['en'];

const secondsPerYear = 31_536_000;
const hourlyOf = ({ RecurringCharges = [] }: ReservedInstances | ReservedInstancesOffering): string =>
  `$${(RecurringCharges[0]?.Amount ?? 0).toFixed(4)}`;

export const reservedInstances = ec2Collection<ReservedInstances, Keys>({
  path: 'reserved-instances',
  messages,
  ...{ title: 'reserved', emptyTitle: 'reservedEmpty', emptyText: 'reservedEmptyText' },
  load: async () => ({ items: (await ec2().send(new DescribeReservedInstancesCommand({}))).ReservedInstances ?? [] }),
  find: (id) =>
    only(
      ec2()
        .send(new DescribeReservedInstancesCommand({ ReservedInstancesIds: [id] }))
        .then(({ ReservedInstances: found }) => found),
    ),
  idOf: ({ ReservedInstancesId }) => ReservedInstancesId!,
  settled: ({ State }) => State !== 'payment-pending',
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ ReservedInstancesId }) => ReservedInstancesId! },
    { id: 'state', header: t.state, width: 140, cell: ({ State }) => State ?? '' },
    { id: 'type', header: t.type, cell: ({ InstanceType }) => InstanceType ?? '' },
    { id: 'count', header: t.count, width: 120, cell: ({ InstanceCount }) => InstanceCount ?? '' },
    { id: 'scope', header: t.scope, cell: ({ Scope, AvailabilityZone }) => AvailabilityZone ?? Scope ?? '' },
    { id: 'payment', header: t.payment, cell: ({ OfferingType }) => OfferingType ?? '' },
    { id: 'fixed', header: t.upFront, cell: ({ FixedPrice }) => `$${FixedPrice ?? 0}` },
    { id: 'hourly', header: t.hourly, cell: hourlyOf },
    { id: 'end', header: t.until, cell: ({ End }) => timeText(End) },
  ],
});

async function offeringsOf(type: string): Promise<ReservedInstancesOffering[]> {
  const found: ReservedInstancesOffering[] = [];
  let after: string | undefined;
  do {
    const page = await ec2().send(
      new DescribeReservedInstancesOfferingsCommand({
        ...{ InstanceType: type as _InstanceType, MaxResults: 100, ...(after && { NextToken: after }) },
        Filters: [{ Name: 'scope', Values: ['Region'] }],
      }),
    );
    found.push(...(page.ReservedInstancesOfferings ?? []));
    after = page.NextToken || undefined;
  } while (after !== undefined);
  return found;
}

/** Offerings of a type in the whole region; one of them is bought by hand. */
export function ReservedOfferings() {
  const t = useText(messages);
  const s = useText(shared);
  const { query } = usePlace();
  const type = query.get('type') ?? 't3.micro';
  const types = useAnswer(typeChoices, []);
  const [buying, setBuying] = useState<ReservedInstancesOffering>();
  return (
    <ContentLayout header={<Header variant="h1">{t.offerings}</Header>}>
      <SpaceBetween size="l">
        <FormField label={t.type}>
          <Select
            filteringType="auto"
            statusType={types.loading ? 'loading' : 'finished'}
            options={types.value ?? []}
            selectedOption={{ value: type, label: type }}
            onChange={({ detail }) => setQuery({ type: detail.selectedOption.value })}
          />
        </FormField>
        <ResourceTable<ReservedInstancesOffering>
          id="ec2-reserved-offerings"
          title={t.offerings}
          description={t.offeringsText}
          variant="embedded"
          on={[type]}
          load={async () => ({ items: await offeringsOf(type) })}
          keyOf={({ ReservedInstancesOfferingId }) => ReservedInstancesOfferingId!}
          columns={[
            { id: 'years', header: t.years, cell: ({ Duration = 0 }) => Duration / secondsPerYear },
            { id: 'class', header: t.offeringClass, cell: ({ OfferingClass }) => OfferingClass },
            { id: 'payment', header: t.payment, cell: ({ OfferingType }) => OfferingType },
            { id: 'fixed', header: t.upFront, cell: ({ FixedPrice }) => `$${FixedPrice ?? 0}`, text: ({ FixedPrice = 0 }) => FixedPrice },
            { id: 'hourly', header: t.hourly, cell: hourlyOf },
            {
              ...{ id: 'buy', header: t.buy },
              cell: (offering) => (
                <Button variant="inline-link" onClick={() => setBuying(offering)}>
                  {t.buy}
                </Button>
              ),
              text: () => '',
            },
          ]}
          empty={{ title: t.offeringsEmpty, text: t.offeringsText }}
        />
      </SpaceBetween>
      {buying && (
        <ActionForm
          modal
          title={t.buy}
          description={t.buyText}
          submit={t.buy}
          fields={[{ name: 'count', kind: 'number', label: t.count, required: true, initial: '1', min: 1, max: 100 }]}
          actionsOf={(values) => [
            {
              ...{ service: 'ec2', operation: 'PurchaseReservedInstancesOffering' },
              command: new PurchaseReservedInstancesOfferingCommand({
                ReservedInstancesOfferingId: buying.ReservedInstancesOfferingId,
                InstanceCount: read.number(values, 'count'),
              }),
            },
          ]}
          send={(command) => ec2().send(command)}
          onCancel={() => setBuying(undefined)}
          onDone={() => {
            notify({ type: 'success', content: s.saved });
            goTo(hrefOf(['ec2', 'reserved-instances']));
          }}
        />
      )}
    </ContentLayout>
  );
}
