/** What is kept of inventories besides their configurations. */

import { table } from '../../../store/table.ts';

/** When an inventory was configured first, and for which midnight the last report was made; milliseconds since the epoch. */
export type InventoryReport = { bucket: string; id: string; since: number; last?: number };

export const inventoryReports = table<InventoryReport>('s3/inventory-reports', { key: ({ bucket, id }) => [bucket, id] });
