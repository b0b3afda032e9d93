/** The durable records of S3 Access Grants: an instance of an account and region, its locations, and its grants. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';

export type Place = { account: string; region: string };
export type Permission = 'READ' | 'WRITE' | 'READWRITE';

/** Times are milliseconds since the epoch. */
export type GrantsInstance = Place & { created: number; /** How many grants there are. */ grants: number; tags?: Tag[] };

export type GrantsLocation = Place & { id: string; scope: string; roleArn: string; created: number; tags?: Tag[] };

/** The policy of an instance. */
export type GrantsPolicy = Place & { created: number; text: string };

export type AccessGrant = Place & {
  id: string;
  location: string;
  subPrefix?: string;
  /** It is for one object, not for what begins so. */
  isObject?: true;
  /** What the location's scope and the prefix below it make together. */
  scope: string;
  /** The ARN of a user or role. */
  grantee: string;
  permission: Permission;
  created: number;
  tags?: Tag[];
};

export const grantsInstances = table<GrantsInstance>('s3-control/access-grants-instances', {
  key: ({ account, region }) => [account, region],
});

export const grantsPolicies = table<GrantsPolicy>('s3-control/access-grants-policies', {
  key: ({ account, region }) => [account, region],
});

export const grantsLocations = table<GrantsLocation>('s3-control/access-grants-locations', {
  key: ({ account, region, id }) => [account, region, id],
});

export const accessGrants = table<AccessGrant, 'location' | 'grantee'>('s3-control/access-grants', {
  key: ({ account, region, id }) => [account, region, id],
  indexes: {
    location: ({ account, region, location, id }) => [account, region, location, id],
    grantee: ({ account, region, grantee, id }) => [account, region, grantee, id],
  },
});
