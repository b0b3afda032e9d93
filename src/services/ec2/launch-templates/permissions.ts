/** What the operations on launch templates ask to be allowed. Their ARNs carry the id, also where the call says the name. */

import type { Authorizer } from '../../../framework/authorization.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, checksOn, creating } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { findTemplate, launchTemplateType, type TemplateName } from './launch-template.ts';

const onTemplate: Authorizer<TemplateName> = async (request, input) => {
  const row = await request.store.read((tx) => findTemplate(tx, request, input));
  return checksOn(request, [[launchTemplateType, row?.id ?? input.LaunchTemplateId ?? '*']]);
};

export const launchTemplatePermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateLaunchTemplate: creating(launchTemplateType),
  CreateLaunchTemplateVersion: onTemplate,
  DescribeLaunchTemplates: anywhere,
  DescribeLaunchTemplateVersions: anywhere,
  ModifyLaunchTemplate: onTemplate,
  DeleteLaunchTemplate: onTemplate,
  DeleteLaunchTemplateVersions: onTemplate,
};
