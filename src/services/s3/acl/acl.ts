/** Access control lists as data: grantees, canned lists, what is public: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */

import { ownerOf } from '../buckets/bucket.ts';
import type { Access, Bucket, Grant, Permission } from '../tables.ts';

export type Group = 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery';

const groupUris: Readonly<Record<Group, string>> = {
  AllUsers: 'http://acs.amazonaws.com/groups/global/AllUsers',
  AuthenticatedUsers: 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers',
  LogDelivery: 'http://acs.amazonaws.com/groups/s3/LogDelivery',
};
const groups: ReadonlyMap<string, Group> = new Map(Object.entries(groupUris).map(([group, uri]) => [uri, group as Group]));

/** The EC2 service that reads AMI bundles, to which `aws-exec-read` grants. */
const bundleReader = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c';

export const permissions: ReadonlySet<string> = new Set<Permission>(['READ', 'WRITE', 'READ_ACP', 'WRITE_ACP', 'FULL_CONTROL']);

/** The group of a URI; undefined for a URI that is none. */
export function groupOf(uri: string): Group | undefined {
  return groups.get(uri);
}

type Owners = { /** Canonical ids. */ owner: string; bucketOwner: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl; undefined for a name that is none. */
export function cannedGrants(name: string, kind: 'bucket' | 'object', { owner, bucketOwner }: Owners): Grant[] | undefined {
  const own: Grant = { to: owner, permission: 'FULL_CONTROL' };
  const with_ = (...more: Grant[]): Grant[] => [own, ...more];
  switch (name) {
    case 'private':
      return [own];
    case 'public-read':
      return with_({ to: 'AllUsers', permission: 'READ' });
    case 'public-read-write':
      return with_({ to: 'AllUsers', permission: 'READ' }, { to: 'AllUsers', permission: 'WRITE' });
    case 'authenticated-read':
      return with_({ to: 'AuthenticatedUsers', permission: 'READ' });
    case 'aws-exec-read':
      return with_({ to: bundleReader, permission: 'READ' });
    case 'log-delivery-write':
      if (kind === 'object') return undefined;
      return with_({ to: 'LogDelivery', permission: 'WRITE' }, { to: 'LogDelivery', permission: 'READ_ACP' });
    case 'bucket-owner-read':
      return kind === 'object' && owner !== bucketOwner ? with_({ to: bucketOwner, permission: 'READ' }) : [own];
    case 'bucket-owner-full-control':
      return kind === 'object' && owner !== bucketOwner ? with_({ to: bucketOwner, permission: 'FULL_CONTROL' }) : [own];
    default:
      return undefined;
  }
}

/** Whether everyone, or everyone with an account, is granted anything: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
export function isPublicAcl(grants: readonly Grant[] | undefined): boolean {
  return grants?.some(({ to }) => to === 'AllUsers' || to === 'AuthenticatedUsers') ?? false;
}

/** The list as it is kept: absent where it says what is so without it. */
export function keptAcl(grants: Grant[], owner: string): { acl?: Grant[] } {
  const [only, ...more] = grants;
  return only?.to === owner && only.permission === 'FULL_CONTROL' && more.length === 0 ? {} : { acl: grants };
}

/** The account whose an object is: the bucket's, but where ACLs are on and another wrote it. */
export function objectOwner(bucket: Bucket, object: Access): string {
  return bucket.ownership === undefined ? bucket.account : (object.owner ?? bucket.account);
}

/** An ACL as S3 writes it. */
export function aclMembers(account: string, grants: readonly Grant[] | undefined) {
  const owner = ownerOf(account);
  const shown = grants ?? [{ to: owner.ID, permission: 'FULL_CONTROL' as const }];
  return {
    Owner: owner,
    Grants: shown.map(({ to, permission }) => ({
      Grantee: Object.hasOwn(groupUris, to)
        ? { Type: 'Group' as const, URI: groupUris[to as Group] }
        : { Type: 'CanonicalUser' as const, ID: to },
      Permission: permission,
    })),
  };
}
