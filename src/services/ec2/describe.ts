/** What all Describe calls do: take ids or everything, filter, and give a page. */

import type { ServiceRequest } from '../../framework/request.ts';
import type { Tag } from '../../framework/tags.ts';
import type { ReadTransaction } from '../../store/store.ts';
import { compileFilters, type Filters } from './filters.ts';
import { pageOf, tokenOf, type PageInput, type PageLimits } from './pagination.ts';
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

const rowsPerRead = 500;

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
  const { limit, after } = pageOf(type.name, input, limits);
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
    const rows: Full[] = [];
    for (let from = after; ;) {
      const page = await type.table.scan(tx, [request.account, request.region], { limit: rowsPerRead, ...(from && { after: from }) });
      for (const [at, { row, cursor }] of page.entries()) {
        const full = await complete(tx, row);
        if (full && fits(full)) rows.push(full);
        const more = at < page.length - 1 || page.length === rowsPerRead;
        if (rows.length === limit && more) return { rows, next: { NextToken: tokenOf(type.name, cursor) } };
      }
      if (page.length < rowsPerRead) return { rows, next: {} };
      from = page.at(-1)!.cursor;
    }
  });
}
