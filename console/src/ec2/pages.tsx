/** The pages of EC2. */

import type { ServicePages } from '../shell/services.ts';
import { Instance } from './instance.tsx';
import { Instances } from './instances.tsx';
import { ImportKeyPair, KeyPairs, CreateKeyPair } from './key-pairs.tsx';
import { LaunchInstances } from './launch.tsx';
import { messages } from './messages.ts';
import { CreateSecurityGroup, SecurityGroups } from './security-groups.tsx';
import { SecurityGroup } from './security-group.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [
    { path: 'instances', text: { en: en.instances, ko: ko.instances } },
    { path: 'security-groups', text: { en: en.securityGroups, ko: ko.securityGroups } },
    { path: 'key-pairs', text: { en: en.keyPairs, ko: ko.keyPairs } },
  ],
  routes: [
    { path: 'instances', page: Instances },
    { path: 'launch', page: LaunchInstances, crumb: { en: en.launch, ko: ko.launch } },
    { path: 'instances/:id', page: Instance },
    { path: 'security-groups', page: SecurityGroups, crumb: { en: en.securityGroups, ko: ko.securityGroups } },
    { path: 'create-security-group', page: CreateSecurityGroup, crumb: { en: en.createGroup, ko: ko.createGroup } },
    { path: 'security-groups/:id', page: SecurityGroup },
    { path: 'key-pairs', page: KeyPairs, crumb: { en: en.keyPairs, ko: ko.keyPairs } },
    { path: 'create-key-pair', page: CreateKeyPair, crumb: { en: en.createKey, ko: ko.createKey } },
    { path: 'import-key-pair', page: ImportKeyPair, crumb: { en: en.importKey, ko: ko.importKey } },
  ],
};
