/** Grants of S3 Access Grants: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-grants-grant.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import type { Scanned } from '../../../store/table.ts';
import { accessGrantAlreadyExists, grantsQuotaExceeded, invalidRequest, noSuchAccessGrant } from '../errors.ts';
import { accessGrantsMax, listedMax } from '../limits.ts';
import { cursorOf, pageSize, tokenOf } from '../pages.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags } from '../tags/tags.ts';
import { grantArn, placeOf } from './arns.ts';
import { requireInstance } from './instance.ts';
import { requireLocation } from './locations.ts';
import { checkScope, defaultScope, grantScope } from './scope.ts';
import { accessGrants, grantsInstances, type AccessGrant, type Permission, type Place } from './tables.ts';

const permissions: readonly string[] = ['READ', 'WRITE', 'READWRITE'] satisfies Permission[];

export const CreateAccessGrant: Operation<'CreateAccessGrant'> = async (request, input) => {
  const { account, region, now: created } = request;
  const id = request.random.uuid();
  const tags = checkedTags(input.Tags ?? []);
  const grantee = granteeOf(input);
  const permission = permissionOf(input.Permission);
  const subPrefix = input.AccessGrantsLocationConfiguration?.S3SubPrefix;
  const isObject = input.S3PrefixType === 'Object';
  const grant = await request.store.write(async (tx) => {
    const location = await requireLocation(tx, request, input.AccessGrantsLocationId);
    if (location.scope === defaultScope && !subPrefix) throw invalidRequest('A grant at the default location needs an S3SubPrefix.');
    const scope = grantScope(location.scope, subPrefix);
    checkScope(scope);
    if (isObject && scope.endsWith('*')) throw invalidRequest('The scope of a grant for an object must not end with a wildcard.');
    const present = await grantsOf(tx, request, grantee);
    if (present.some((each) => each.scope === scope && each.permission === permission)) throw accessGrantAlreadyExists();
    const instance = await requireInstance(tx, request);
    if (instance.grants >= accessGrantsMax) throw grantsQuotaExceeded(accessGrantsMax);
    await grantsInstances.put(tx, { ...instance, grants: instance.grants + 1 });
    const next: AccessGrant = {
      ...{ account, region, id, location: location.id, scope, grantee, permission, created },
      ...(subPrefix !== undefined && { subPrefix }),
      ...(isObject && { isObject }),
      ...(tags.length > 0 && { tags }),
    };
    await accessGrants.put(tx, next);
    return next;
  });
  return shown(grant);
};

function granteeOf({ Grantee: grantee, ApplicationArn: application, S3PrefixType: type }: Input<'CreateAccessGrant'>): string {
  if (application !== undefined) throw notImplemented('s3-control:CreateAccessGrant with ApplicationArn');
  if (type !== undefined && type !== 'Object') throw invalidRequest('Invalid S3PrefixType');
  if (grantee.GranteeType !== 'IAM') throw notImplemented(`s3-control:CreateAccessGrant with GranteeType ${grantee.GranteeType}`);
  const { GranteeIdentifier: arn = '' } = grantee;
  if (!/^arn:[^:]+:iam::\d{12}:(?:user|role)\/./.test(arn)) throw invalidRequest('The grantee is not the ARN of an IAM user or role.');
  return arn;
}

/** Throws InvalidRequest for what is no permission. */
export function permissionOf(text: string): Permission {
  if (!permissions.includes(text)) throw invalidRequest('Invalid permission');
  return text as Permission;
}

export const GetAccessGrant: Operation<'GetAccessGrant'> = async (request, input) =>
  shown(await request.store.read((tx) => requireGrant(tx, request, input.AccessGrantId)));

export const DeleteAccessGrant: Operation<'DeleteAccessGrant'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, id } = await requireGrant(tx, request, input.AccessGrantId);
    await accessGrants.delete(tx, account, region, id);
    const instance = await requireInstance(tx, request);
    await grantsInstances.put(tx, { ...instance, grants: instance.grants - 1 });
  });
  return {};
};

export const ListAccessGrants: Operation<'ListAccessGrants'> = async (request, input) => {
  if (input.ApplicationArn !== undefined) throw notImplemented('s3-control:ListAccessGrants with ApplicationArn');
  const { GranteeType: type, GranteeIdentifier: grantee, Permission: permission, GrantScope: scope } = input;
  const { page, token } = await pageOf(request, input, (grant) => {
    if (type !== undefined && type !== 'IAM') return false;
    if (grantee !== undefined && grantee !== grant.grantee) return false;
    return (permission === undefined || permission === grant.permission) && (scope === undefined || scope === grant.scope);
  });
  return { AccessGrantsList: page.map(shown), ...token };
};

/** The grants that are the caller's own. */
export const ListCallerAccessGrants: Operation<'ListCallerAccessGrants'> = async (request, input) => {
  if (input.AllowedByApplication) throw notImplemented('s3-control:ListCallerAccessGrants with AllowedByApplication');
  const { GrantScope: wanted = '' } = input;
  const { page, token } = await pageOf(request, input, ({ scope }) => scope.startsWith(wanted), callerArn(request));
  return { CallerAccessGrantsList: page.map(({ permission, scope }) => ({ Permission: permission, GrantScope: scope })), ...token };
};

/** The grants of a user or role. */
export async function grantsOf(tx: ReadTransaction, { account, region }: Place, grantee: string): Promise<AccessGrant[]> {
  return (await accessGrants.scanIndex(tx, 'grantee', [account, region, grantee])).map(({ row }) => row);
}

/** Who the caller is to a grant: a user, or the role of a session. */
export function callerArn({ principal }: ServiceRequest): string {
  return principal.type === 'AssumedRole' ? principal.roleArn : principal.arn;
}

type PageInput = { AccountId?: string | undefined; MaxResults?: number | undefined; NextToken?: string | undefined };

/** Of one grantee alone where one is named. Rows are read a page at a time until there are enough. */
async function pageOf(request: ServiceRequest, input: PageInput, wanted: (grant: AccessGrant) => boolean, grantee?: string) {
  const place = placeOf(request, input);
  const { account, region } = place;
  const limit = pageSize(input.MaxResults, listedMax);
  let after = input.NextToken === undefined ? undefined : cursorOf(input.NextToken);
  const rows = await request.store.read(async (tx) => {
    await requireInstance(tx, place);
    const found: Scanned<AccessGrant>[] = [];
    for (;;) {
      const page = { limit: listedMax, ...(after && { after }) };
      const some =
        grantee === undefined
          ? await accessGrants.scan(tx, [account, region], page)
          : await accessGrants.scanIndex(tx, 'grantee', [account, region, grantee], page);
      found.push(...some.filter(({ row }) => wanted(row)));
      if (some.length < listedMax || found.length > limit) return found;
      after = some.at(-1)!.cursor;
    }
  });
  const page = rows.slice(0, limit);
  return { page: page.map(({ row }) => row), token: rows.length > limit ? { NextToken: tokenOf(page.at(-1)!.cursor) } : {} };
}

/** Throws AccessGrantsInstanceNotExistsError and NoSuchAccessGrantError. */
export async function requireGrant(tx: ReadTransaction, request: ServiceRequest, id: string): Promise<AccessGrant> {
  await requireInstance(tx, request);
  const grant = await accessGrants.get(tx, request.account, request.region, id);
  if (!grant) throw noSuchAccessGrant();
  return grant;
}

function shown(grant: AccessGrant) {
  return {
    ...{ CreatedAt: new Date(grant.created), AccessGrantId: grant.id, AccessGrantArn: grantArn(grant) },
    Grantee: { GranteeType: 'IAM' as const, GranteeIdentifier: grant.grantee },
    Permission: grant.permission,
    AccessGrantsLocationId: grant.location,
    ...(grant.subPrefix !== undefined && { AccessGrantsLocationConfiguration: { S3SubPrefix: grant.subPrefix } }),
    GrantScope: grant.scope,
  };
}
