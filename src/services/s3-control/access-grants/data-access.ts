/** GetDataAccess: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetDataAccess.html */

import { accessDenied, invalidRequest } from '../errors.ts';
import { grantSecondsDefault, grantSecondsMax, grantSecondsMin } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { placeOf } from './arns.ts';
import { assumeLocationRole } from './credentials.ts';
import { callerArn, grantsOf, permissionOf } from './grants.ts';
import { requireInstance } from './instance.ts';
import { requireLocation } from './locations.ts';
import { checkScope, covers, permits } from './scope.ts';
import { sessionPolicy } from './session-policy.ts';

/** Of several grants the one with the narrowest scope is taken. */
export const GetDataAccess: Operation<'GetDataAccess'> = async (request, input) => {
  const { Target: target, Privilege: privilege = 'Default', DurationSeconds: seconds = grantSecondsDefault } = input;
  checkScope(target);
  const permission = permissionOf(input.Permission);
  if (privilege !== 'Default' && privilege !== 'Minimal') throw invalidRequest('Invalid privilege');
  if (!Number.isInteger(seconds) || seconds < grantSecondsMin || seconds > grantSecondsMax)
    throw invalidRequest(`DurationSeconds must be between ${grantSecondsMin} and ${grantSecondsMax}`);
  const place = placeOf(request, input);
  const isObject = input.TargetType === 'Object';
  const found = await request.store.read(async (tx) => {
    await requireInstance(tx, place);
    const [grant] = (await grantsOf(tx, place, callerArn(request)))
      .filter((each) => permits(each.permission, permission) && covers(each, target, isObject))
      .sort((a, b) => b.scope.length - a.scope.length);
    return grant && { grant, location: await requireLocation(tx, place, grant.location) };
  });
  if (!found) throw accessDenied(`You do not have ${permission} permissions to the requested S3 Prefix: ${target}`);
  const { grant, location } = found;
  const scope = privilege === 'Minimal' ? target : grant.scope;
  const policy = sessionPolicy(scope, privilege === 'Minimal' ? isObject : grant.isObject === true, permission);
  const Credentials = await assumeLocationRole(request, place, { roleArn: location.roleArn, seconds, policy });
  if (!Credentials) throw accessDenied(`S3 Access Grants cannot assume the role ${location.roleArn} for ${seconds} seconds.`);
  return {
    Credentials,
    MatchedGrantTarget: scope,
    Grantee: { GranteeType: 'IAM', GranteeIdentifier: grant.grantee },
  };
};
