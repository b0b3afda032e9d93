/** What the operations on encryption by default ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';

export const ebsEncryptionPermissions: ServiceDefinition<Ec2>['authorize'] = {
  EnableEbsEncryptionByDefault: anywhere,
  DisableEbsEncryptionByDefault: anywhere,
  GetEbsEncryptionByDefault: anywhere,
  ModifyEbsDefaultKmsKeyId: anywhere,
  GetEbsDefaultKmsKeyId: anywhere,
  ResetEbsDefaultKmsKeyId: anywhere,
};
