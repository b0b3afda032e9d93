/** A month's costs in parts: services, resources, lines. */

import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import { fill, useText } from '../language/catalogue.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { follow, hrefOf } from '../shell/places.ts';
import { dollarsText, quantityText, type Month } from './amounts.ts';
import { resourcesOf, resourcesSince, sharesOf, type Share } from './costs.ts';
import { messages } from './messages.ts';

const keyOf = ({ keys }: Share): string => keys.join(' ');

function useColumns() {
  const t = useText(messages);
  return {
    amount: {
      id: 'amount',
      header: t.amount,
      cell: ({ amount }: Share) => dollarsText(amount),
      text: ({ amount }: Share) => Number(amount),
    },
    quantity: { id: 'quantity', header: t.quantity, cell: ({ quantity, unit }: Share) => quantityText(quantity, unit) },
    key: (at: number, id: string, header: string) => ({
      ...{ id, header, cell: ({ keys }: Share) => <Name>{keys[at]}</Name> },
      text: ({ keys }: Share) => keys[at] ?? '',
    }),
  };
}

export function ServicesTable({ month }: { month: Month }) {
  const t = useText(messages);
  const { amount } = useColumns();
  return (
    <ResourceTable<Share>
      id="billing-services"
      title={t.byService}
      variant="embedded"
      on={[month.id]}
      load={async () => ({ items: await sharesOf(month, ['SERVICE']) })}
      keyOf={keyOf}
      columns={[
        {
          id: 'service',
          header: t.service,
          cell: ({ keys: [service] }) => (
            <Link href={hrefOf(['cost-explorer', 'bill'], { month: month.id, tab: 'lines', service })} onFollow={follow}>
              {service}
            </Link>
          ),
          text: ({ keys: [service] }) => service ?? '',
        },
        amount,
      ]}
      empty={{ title: t.none, text: t.noneText }}
    />
  );
}

export function ResourcesTable({ month, now }: { month: Month; now: Date }) {
  const t = useText(messages);
  const { amount, quantity, key } = useColumns();
  const since = resourcesSince(month, now);
  if (since === undefined) return <Box>{t.resourcesGone}</Box>;
  return (
    <ResourceTable<Share>
      id="billing-resources"
      title={t.byResource}
      {...(since > month.start && { description: fill(t.resourcesSince, { day: since }) })}
      variant="embedded"
      on={[month.id]}
      load={async () => ({ items: await resourcesOf(month, since) })}
      keyOf={keyOf}
      columns={[key(1, 'resource', t.resource), key(0, 'service', t.service), quantity, amount]}
      empty={{ title: t.none, text: t.noneText }}
    />
  );
}

/** Without a service by service and usage type; of one by usage type and operation: why it was charged. */
export function LinesTable({ month, service }: { month: Month; service: string | undefined }) {
  const t = useText(messages);
  const { amount, quantity, key } = useColumns();
  const by = service === undefined ? ['SERVICE', 'USAGE_TYPE'] : ['USAGE_TYPE', 'OPERATION'];
  const filter = service === undefined ? undefined : { Dimensions: { Key: 'SERVICE' as const, Values: [service] } };
  return (
    <ResourceTable<Share>
      id="billing-lines"
      title={service === undefined ? t.lines : fill(t.of, { service })}
      variant="embedded"
      on={[month.id, service]}
      load={async () => ({ items: await sharesOf(month, by, filter) })}
      keyOf={keyOf}
      columns={[
        service === undefined ? key(0, 'service', t.service) : key(0, 'type', t.usageType),
        service === undefined ? key(1, 'type', t.usageType) : key(1, 'operation', t.operation),
        quantity,
        amount,
      ]}
      empty={{ title: t.none, text: t.noneText }}
    />
  );
}
