/** What can be told of a charge, by Cost Explorer's names for it. */

import type { Charge } from '../../framework/billing/rate.ts';
import { notImplemented } from '../../framework/aws-error.ts';

const instanceTypeOf = ({ usageType }: Charge): string | undefined =>
  /(?:BoxUsage|SpotUsage|UnusedBox|UnusedDed|HeavyUsage|DedicatedUsage):([a-z\d.-]+)/.exec(usageType)?.[1];

/** https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/ce-filtering.html */
const purchaseTypes: readonly (readonly [RegExp, string])[] = [
  [/SpotUsage:/, 'Spot Instances'],
  [/HeavyUsage:/, 'Standard Reserved Instances'],
  [/./, 'On Demand Instances'],
];

/** A charge without a value is grouped under `NoX`, as the console names it. */
const readers: Readonly<Record<string, { absent: string; read: (charge: Charge) => string | undefined }>> = {
  SERVICE: { absent: 'NoService', read: ({ product }) => product.name },
  SERVICE_CODE: { absent: 'NoServiceCode', read: ({ product }) => product.code },
  USAGE_TYPE: { absent: 'NoUsageType', read: ({ usageType }) => usageType },
  OPERATION: { absent: 'NoOperation', read: ({ operation }) => operation },
  REGION: { absent: 'NoRegion', read: ({ region }) => region },
  LINKED_ACCOUNT: { absent: 'NoLinkedAccount', read: ({ account }) => account },
  LINKED_ACCOUNT_NAME: { absent: 'NoLinkedAccountName', read: ({ account }) => account },
  PAYER_ACCOUNT: { absent: 'NoPayerAccount', read: ({ account }) => account },
  INSTANCE_TYPE: { absent: 'NoInstanceType', read: instanceTypeOf },
  INSTANCE_TYPE_FAMILY: { absent: 'NoInstanceTypeFamily', read: (charge) => instanceTypeOf(charge)?.split('.')[0] },
  OPERATING_SYSTEM: { absent: 'NoOperatingSystem', read: (charge) => instanceTypeOf(charge) && 'Linux' },
  PLATFORM: { absent: 'NoPlatform', read: (charge) => instanceTypeOf(charge) && 'Linux/UNIX' },
  TENANCY: { absent: 'NoTenancy', read: (charge) => instanceTypeOf(charge) && 'Shared' },
  PURCHASE_TYPE: {
    absent: 'NoPurchaseType',
    read: (charge) =>
      charge.service === 'savingsplans'
        ? 'Savings Plans'
        : instanceTypeOf(charge)
          ? purchaseTypes.find(([kind]) => kind.test(charge.usageType))![1]
          : undefined,
  },
  RECORD_TYPE: { absent: 'NoRecordType', read: () => 'Usage' },
  BILLING_ENTITY: { absent: 'NoBillingEntity', read: () => 'AWS' },
  LEGAL_ENTITY_NAME: { absent: 'NoLegalEntityName', read: () => 'Haneul' },
  RESOURCE_ID: { absent: 'NoResourceId', read: ({ resource }) => resource || undefined },
};

/** Reads a dimension; throws NotImplemented for those that nothing here has. */
export function dimension(key: string | undefined): { absent: string; read: (charge: Charge) => string | undefined } {
  if (key === undefined || !Object.hasOwn(readers, key)) throw notImplemented(`ce: the dimension ${key ?? ''}`);
  return readers[key]!;
}
