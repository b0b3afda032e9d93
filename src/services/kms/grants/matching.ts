/** Which grant lets a caller use a key: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */

import { rootArn } from '../../../framework/policy/principals.ts';
import type { Principal } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Scanned } from '../../../store/table.ts';
import { grants, type Grant, type Key } from '../tables.ts';

type Asked = { action: string; encryptionContext?: Readonly<Record<string, string>> | undefined };

const grantsPerPage = 500;

/** The first grant on the key that fits the caller and the call. */
export async function grantFor(request: ServiceRequest, key: Key, asked: Asked): Promise<Grant | undefined> {
  return request.store.read(async (tx) => {
    for (const grantee of identitiesOf(request.principal))
      for (let after: Uint8Array | undefined; ;) {
        const page: Scanned<Grant>[] = await grants.scanIndex(tx, 'grantee', [key.id, grantee], {
          limit: grantsPerPage,
          ...(after && { after }),
        });
        const fitting = page.find(({ row }) => fits(row, asked));
        if (fitting) return fitting.row;
        if (page.length < grantsPerPage) break;
        after = page.at(-1)!.cursor;
      }
    return undefined;
  });
}

/** The names by which a grant may mean a caller. */
export function identitiesOf(principal: Principal): string[] {
  switch (principal.type) {
    case 'Anonymous':
      return [];
    case 'Service':
      return [principal.name];
    case 'AssumedRole':
      return [principal.arn, principal.roleArn, rootArn(principal.account)];
    case 'Root':
      return [principal.arn];
    default:
      return [principal.arn, rootArn(principal.account)];
  }
}

/** What a grant's constraints do not apply to, having no encryption context. */
const unconstrained = new Set(['CreateGrant', 'DescribeKey', 'RetireGrant']);

export function fits(grant: Grant, { action, encryptionContext = {} }: Asked): boolean {
  if (!grant.operations.includes(action)) return false;
  if (!grant.constraints || unconstrained.has(action)) return true;
  const { equals, subset } = grant.constraints;
  const holds = ([name, value]: [string, string]): boolean => Object.hasOwn(encryptionContext, name) && encryptionContext[name] === value;
  if (equals) return equals.length === Object.keys(encryptionContext).length && equals.every(holds);
  return subset?.every(holds) ?? true;
}
