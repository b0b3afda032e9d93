/** Users, groups, roles and the account's own policies, for the search over everything. */

import { ListGroupsCommand, ListPoliciesCommand, ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { paged, type Finder } from '../shell/finder.ts';
import { iam } from './client.ts';

const after = (Marker: string | undefined) => ({ MaxItems: 1_000, ...(Marker && { Marker }) });
const next = ({ IsTruncated, Marker }: { IsTruncated?: boolean | undefined; Marker?: string | undefined }): string | undefined =>
  IsTruncated ? Marker : undefined;

export const finders: readonly Finder[] = [
  {
    id: 'iam-users',
    kind: { en: 'Users', ko: '사용자' },
    pages: (abortSignal) =>
      paged(
        (marker) => iam().send(new ListUsersCommand(after(marker)), { abortSignal }),
        next,
        ({ Users = [] }) => Users.map(({ UserName, Arn }) => ({ id: UserName!, arn: Arn, to: ['iam', 'users', UserName!] })),
      ),
  },
  {
    id: 'iam-groups',
    kind: { en: 'User groups', ko: '사용자 그룹' },
    pages: (abortSignal) =>
      paged(
        (marker) => iam().send(new ListGroupsCommand(after(marker)), { abortSignal }),
        next,
        ({ Groups = [] }) => Groups.map(({ GroupName, Arn }) => ({ id: GroupName!, arn: Arn, to: ['iam', 'groups', GroupName!] })),
      ),
  },
  {
    id: 'iam-roles',
    kind: { en: 'Roles', ko: '역할' },
    pages: (abortSignal) =>
      paged(
        (marker) => iam().send(new ListRolesCommand(after(marker)), { abortSignal }),
        next,
        ({ Roles = [] }) => Roles.map(({ RoleName, Arn }) => ({ id: RoleName!, arn: Arn, to: ['iam', 'roles', RoleName!] })),
      ),
  },
  {
    id: 'iam-policies',
    kind: { en: 'Policies', ko: '정책' },
    pages: (abortSignal) =>
      paged(
        (marker) => iam().send(new ListPoliciesCommand({ ...after(marker), Scope: 'Local' }), { abortSignal }),
        next,
        ({ Policies = [] }) => Policies.map(({ PolicyName, Arn }) => ({ id: PolicyName!, arn: Arn, to: ['iam', 'policies', Arn!] })),
      ),
  },
];
