/** EC2's durable records, folder by folder. */

import type { AnyTable } from '../../store/table.ts';
import { publicAddresses } from './addresses/address.ts';
import { computeTables } from './compute/records.ts';
import { resourceTypes } from './resource-types.ts';
import { foundations } from './vpcs/founding.ts';

export const tables: readonly AnyTable[] = [foundations, publicAddresses, ...resourceTypes().map((type) => type.table), ...computeTables];
