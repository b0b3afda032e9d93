/** The price list through the real SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeServicesCommand,
  GetAttributeValuesCommand,
  GetProductsCommand,
  PricingClient,
  type Filter,
} from '@aws-sdk/client-pricing';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let pricing: PricingClient;
before(async () => {
  cloud = await startCloud();
  pricing = cloud.client(PricingClient);
});
after(() => cloud.close());

const fields = (wanted: Record<string, string>): Filter[] =>
  Object.entries(wanted).map(([Field, Value]) => ({ Type: 'TERM_MATCH', Field, Value }));

type Listed = {
  product: { sku: string; productFamily: string; attributes: Record<string, string> };
  terms: { OnDemand: Record<string, { priceDimensions: Record<string, Dimension> }> };
};
type Dimension = { unit: string; beginRange: string; endRange: string; pricePerUnit: { USD: string } };

async function listed(ServiceCode: string, wanted: Record<string, string>): Promise<Listed[]> {
  const { PriceList } = await pricing.send(new GetProductsCommand({ ServiceCode, Filters: fields(wanted) }));
  return PriceList!.map((each: unknown) => JSON.parse(String(each)) as Listed);
}

const dimensionsOf = ({ terms }: Listed): Dimension[] => Object.values(Object.values(terms.OnDemand)[0]!.priceDimensions);

test('an instance has its price by type and place', async () => {
  const [product, ...others] = await listed('AmazonEC2', {
    instanceType: 'm5.xlarge',
    location: 'Asia Pacific (Seoul)',
    capacitystatus: 'Used',
  });
  assert.deepEqual(others, []);
  assert.equal(product!.product.attributes['usagetype'], 'APN2-BoxUsage:m5.xlarge');
  const [dimension] = dimensionsOf(product!);
  assert.deepEqual([dimension!.unit, dimension!.pricePerUnit.USD], ['Hrs', '0.2360000000']);
});

test('storage has its tiers', async () => {
  const [product] = await listed('AmazonS3', { usagetype: 'TimedStorage-ByteHrs' });
  assert.deepEqual(
    dimensionsOf(product!).map(({ beginRange, endRange, pricePerUnit }) => [beginRange, endRange, pricePerUnit.USD]),
    [
      ['0', '51200', '0.0230000000'],
      ['51200', '512000', '0.0220000000'],
      ['512000', 'Inf', '0.0210000000'],
    ],
  );
  assert.deepEqual(await listed('AmazonS3', { usagetype: 'DataTransfer-Out-Bytes' }), []);
  assert.equal((await listed('AWSDataTransfer', { usagetype: 'DataTransfer-Out-Bytes' })).length, 1);
});

test('services, their attributes and the values of those', async () => {
  const { Services } = await pricing.send(new DescribeServicesCommand({}));
  assert.ok(Services!.some(({ ServiceCode }) => ServiceCode === 'AWSQueueService'));
  const [ec2] = (await pricing.send(new DescribeServicesCommand({ ServiceCode: 'AmazonEC2' }))).Services!;
  assert.ok(ec2!.AttributeNames!.includes('instanceType') && ec2!.AttributeNames!.includes('volumeApiName'));
  const { AttributeValues } = await pricing.send(
    new GetAttributeValuesCommand({ ServiceCode: 'AmazonEC2', AttributeName: 'volumeApiName' }),
  );
  assert.deepEqual(
    AttributeValues!.map(({ Value }) => Value),
    ['gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1', 'standard'],
  );
});

test('long answers come in pages', async () => {
  const skus = new Set<string>();
  let NextToken: string | undefined;
  let pages = 0;
  do {
    const page = await pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonEC2', ...(NextToken !== undefined && { NextToken }) }));
    for (const each of page.PriceList!) skus.add((JSON.parse(String(each)) as Listed).product.sku);
    NextToken = page.NextToken;
    pages++;
  } while (NextToken !== undefined);
  assert.ok(pages > 5 && skus.size > (pages - 1) * 100);
});

test('what is wrong is refused', async () => {
  await assert.rejects(pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonMoon' })), { name: 'NotFoundException' });
  await assert.rejects(pricing.send(new GetAttributeValuesCommand({ ServiceCode: 'AmazonS3', AttributeName: 'taste' })), {
    name: 'NotFoundException',
  });
  await assert.rejects(pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonS3', MaxResults: 101 })), {
    name: 'InvalidParameterException',
  });
  await assert.rejects(pricing.send(new GetProductsCommand({ ServiceCode: 'AmazonS3', NextToken: 'x' })), {
    name: 'InvalidNextTokenException',
  });
});
