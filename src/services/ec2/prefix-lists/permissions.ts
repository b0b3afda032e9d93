/** What the operations on prefix lists ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { prefixListType } from './prefix-list.ts';

const onList = on<{ PrefixListId: string }>((input) => [[prefixListType, input.PrefixListId]]);

export const prefixListPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateManagedPrefixList: creating(prefixListType),
  DeleteManagedPrefixList: onList,
  DescribeManagedPrefixLists: anywhere,
  GetManagedPrefixListEntries: onList,
  ModifyManagedPrefixList: onList,
};
