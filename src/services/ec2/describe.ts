/** What all Describe calls do: take ids or everything, filter, and give a page. */

import type { ServiceRequest } from '../../framework/request.ts';
import type { Tag } from '../../framework/tags.ts';
import type { ReadTransaction } from '../../store/store.ts';
import type { Page } from '../../store/table.ts';
import { compileFilters, type Filters } from './filters.ts';
import { pageOf, readPage, type PageInput, type PageLimits } from './pagination.ts';
import { requireResource, type Resource, type ResourceType } from './resource.ts';

export type DescribeInput = PageInput & { Filters?: { Name?: string | undefined; Values?: string[] | undefined }[] | undefined };

export type Described<Row extends Resource, Full extends { tags?: Tag[] }> = {
  type: ResourceType<Row>;
  ids: readonly string[] | undefined;
  filters: Filters<Full>;
  limits?: PageLimits;
  /** What a row is shown and filtered with, from other tables. */
  complete: (tx: ReadTransaction, row: Row) => Promise<Full | undefined>;
};

/** Rows that need nothing from other tables. */
export function describe<Row extends Resource>(
  request: ServiceRequest,
  input: DescribeInput,
  wanted: Omit<Described<Row, Row>, 'complete'>,
): Promise<{ rows: Row[]; next: { NextToken?: string } }> {
  return describeWith(request, input, { ...wanted, complete: async (_tx, row) => row });
}

/** Throws the type's NotFound for an id that is not there, and what filters and pages throw. */
export async function describeWith<Row extends Resource, Full extends { tags?: Tag[] }>(
  request: ServiceRequest,
  input: DescribeInput,
  { type, ids, filters, limits, complete }: Described<Row, Full>,
): Promise<{ rows: Full[]; next: { NextToken?: string } }> {
  const page = pageOf(type.name, input, limits);
  const fits = compileFilters(input.Filters, filters);
  return request.store.read(async (tx) => {
    if (ids && ids.length > 0) {
      const found: Full[] = [];
      for (const id of new Set(ids)) {
        const full = await complete(tx, await requireResource(tx, request, type, id));
        if (!full) throw type.notFound(id);
        if (fits(full)) found.push(full);
      }
      return { rows: found, next: {} };
    }
    const read = (range: Page) => type.table.scan(tx, [request.account, request.region], range);
    return readPage(type.name, page, read, async (row) => {
      const full = await complete(tx, row);
      return full && fits(full) ? full : undefined;
    });
  });
}
