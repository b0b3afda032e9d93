/** Route tables: the record and its pure rules. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { resourceType } from '../resource.ts';

/** What a route leads to, by the prefix of its id: `igw-`, `nat-`, `eni-`, `pcx-`, `vpce-`, `eigw-`. */
export type Route = {
  /** A CIDR block of either family, or a prefix list. */
  destination: string;
  target: string;
  /** The instance through whose interface it leads, where it was given so. */
  instance?: string;
};

export type RouteTable = {
  account: string;
  region: string;
  id: string;
  vpc: string;
  /** Besides the local routes, which every table has. */
  routes: Route[];
  /** Virtual private gateways whose routes it takes. */
  propagating?: string[];
  tags?: Tag[];
};

export const routeTables = table<RouteTable, 'vpc'>('ec2/route-tables', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { vpc: (row) => [row.account, row.region, row.vpc] },
});
export const routeTableType = resourceType('route-table', 'rtb', routeTables, ['InvalidRouteTableID.NotFound', 'The routeTable ID']);
export const routesPerTableMax = 500;
