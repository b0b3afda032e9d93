/** Tags of the instance, a location or a grant, by what stands in their ARN. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { invalidRequest } from '../errors.ts';
import { requireGrant } from './grants.ts';
import { requireInstance } from './instance.ts';
import { requireLocation } from './locations.ts';
import { accessGrants, grantsInstances, grantsLocations } from './tables.ts';

const form = /^access-grants\/default(?:\/(location|grant)\/([a-zA-Z0-9-]+))?$/;

/** Throws InvalidRequest for what is named otherwise. */
export function checkGrantsResource(resource: string): void {
  if (!form.test(resource)) throw invalidRequest('The specified ARN is not valid.');
}

export async function grantsTags(tx: ReadTransaction, request: ServiceRequest, resource: string): Promise<Tag[]> {
  return (await tagged(tx, request, resource)).row.tags ?? [];
}

export async function putGrantsTags(tx: WriteTransaction, request: ServiceRequest, resource: string, tags: Tag[]): Promise<void> {
  const found = await tagged(tx, request, resource);
  const some = tags.length > 0 && { tags };
  const { tags: _old, ...rest } = found.row;
  if (found.kind === 'location') await grantsLocations.put(tx, { ...(rest as typeof found.row), ...some });
  else if (found.kind === 'grant') await accessGrants.put(tx, { ...(rest as typeof found.row), ...some });
  else await grantsInstances.put(tx, { ...(rest as typeof found.row), ...some });
}

async function tagged(tx: ReadTransaction, request: ServiceRequest, resource: string) {
  const [, kind, id = ''] = form.exec(resource)!;
  if (kind === 'location') return { kind, row: await requireLocation(tx, request, id) } as const;
  if (kind === 'grant') return { kind, row: await requireGrant(tx, request, id) } as const;
  return { kind: 'instance', row: await requireInstance(tx, request) } as const;
}
