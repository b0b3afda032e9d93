/** What instances of a type cost, on demand and as spot, told before they are launched. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import { DescribeSpotPriceHistoryCommand, type _InstanceType } from '@aws-sdk/client-ec2';
import { GetProductsCommand, PricingClient } from '@aws-sdk/client-pricing';
import { useText } from '../language/catalogue.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { clientOf } from '../session/clients.ts';
import { cloudNow } from '../session/private-api.ts';
import { useSettings } from '../shell/settings.ts';
import { ec2 } from './client.ts';
import { messages } from './messages-launch.ts';

/** Price lists are in one region. */
const pricing = clientOf(PricingClient, { region: 'us-east-1' });
const hoursPerMonth = 730;

type PriceListEntry = {
  terms?: { OnDemand?: Record<string, { priceDimensions: Record<string, { unit: string; pricePerUnit: { USD: string } }> }> };
};

/** Dollars an hour on demand; regions without figures of their own cost what us-east-1 does. */
async function onDemandPrice(type: string, region: string): Promise<number | undefined> {
  for (const place of region === 'us-east-1' ? [region] : [region, 'us-east-1']) {
    const { PriceList = [] }: { PriceList?: readonly unknown[] } = await pricing().send(
      new GetProductsCommand({
        ServiceCode: 'AmazonEC2',
        Filters: [
          { Type: 'TERM_MATCH', Field: 'instanceType', Value: type },
          { Type: 'TERM_MATCH', Field: 'regionCode', Value: place },
          { Type: 'TERM_MATCH', Field: 'capacitystatus', Value: 'Used' },
          { Type: 'TERM_MATCH', Field: 'tenancy', Value: 'Shared' },
        ],
      }),
    );
    const prices = PriceList.flatMap((text) => Object.values((JSON.parse(String(text)) as PriceListEntry).terms?.OnDemand ?? {}))
      .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
      .map(({ pricePerUnit }) => Number(pricePerUnit.USD))
      .filter((price) => price > 0);
    if (prices.length > 0) return Math.min(...prices);
  }
  return undefined;
}

/** The lowest of the zones now. */
async function spotPrice(type: string): Promise<number | undefined> {
  const now = await cloudNow();
  const { SpotPriceHistory = [] } = await ec2().send(
    new DescribeSpotPriceHistoryCommand({ InstanceTypes: [type as _InstanceType], ProductDescriptions: ['Linux/UNIX'], StartTime: now }),
  );
  const prices = SpotPriceHistory.map(({ SpotPrice }) => Number(SpotPrice));
  return prices.length > 0 ? Math.min(...prices) : undefined;
}

export function LaunchPrice({ type, count }: { type: string; count: number }) {
  const t = useText(messages);
  const { region } = useSettings();
  const { value, error } = useAnswer(async () => {
    // Whoever may launch may not read prices; then nothing is said of them.
    const [onDemand, spot] = await Promise.allSettled([onDemandPrice(type, region), spotPrice(type)]);
    const known = <T,>(one: PromiseSettledResult<T>): T | undefined => (one.status === 'fulfilled' ? one.value : undefined);
    return { onDemand: known(onDemand), spot: known(spot) };
  }, [type, region]);
  const dollars = (hourly: number | undefined, hours: number): string =>
    hourly === undefined ? '–' : `$${(hourly * count * hours).toFixed(hours === 1 ? 4 : 2)}`;
  if (error !== undefined || !value || value.onDemand === undefined) return null;
  return (
    <Container header={<Header variant="h2">{t.price}</Header>}>
      <KeyValuePairs
        columns={3}
        items={[
          { label: t.hourly, value: dollars(value.onDemand, 1) },
          { label: t.monthly, value: dollars(value.onDemand, hoursPerMonth) },
          { label: t.spotHourly, value: dollars(value.spot, 1) },
        ]}
      />
      <Box color="text-body-secondary" fontSize="body-s">
        {t.priceText}
      </Box>
    </Container>
  );
}
