/** The pages of IAM. */

import type { ServicePages } from '../shell/services.ts';
import { CredentialReport } from './credential-report.tsx';
import { DeniedCalls, WhyPage } from './denied.tsx';
import { CreateGroup, GroupPage, Groups } from './groups.tsx';
import { messages as access } from './messages-access.ts';
import { messages } from './messages.ts';
import { CreatePolicy, Policies, PolicyPage } from './policies.tsx';
import { CreateRole, RolePage, Roles } from './roles.tsx';
import { Simulator } from './simulator.tsx';
import { UserPage } from './user.tsx';
import { CreateUser, Users } from './users.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [
    { path: 'users', text: { en: en.users, ko: ko.users } },
    { path: 'groups', text: { en: en.groups, ko: ko.groups } },
    { path: 'roles', text: { en: en.roles, ko: ko.roles } },
    { path: 'policies', text: { en: en.policies, ko: ko.policies } },
    { path: 'simulator', text: { en: en.simulator, ko: ko.simulator } },
    { path: 'credential-report', text: { en: access.en.report, ko: access.ko.report } },
    { path: 'denied', text: { en: en.denied, ko: ko.denied } },
  ],
  routes: [
    { path: 'users', page: Users },
    { path: 'users/create', page: CreateUser, crumb: { en: en.createUser, ko: ko.createUser } },
    { path: 'users/:name', page: UserPage },
    { path: 'groups', page: Groups },
    { path: 'groups/create', page: CreateGroup, crumb: { en: en.createGroup, ko: ko.createGroup } },
    { path: 'groups/:name', page: GroupPage },
    { path: 'roles', page: Roles },
    { path: 'roles/create', page: CreateRole, crumb: { en: en.createRole, ko: ko.createRole } },
    { path: 'roles/:name', page: RolePage },
    { path: 'policies', page: Policies },
    { path: 'policies/create', page: CreatePolicy, crumb: { en: en.createPolicy, ko: ko.createPolicy } },
    { path: 'policies/:arn', page: PolicyPage },
    { path: 'simulator', page: Simulator },
    { path: 'credential-report', page: CredentialReport },
    { path: 'denied', page: DeniedCalls },
    { path: 'denied/:id', page: WhyPage },
  ],
};
