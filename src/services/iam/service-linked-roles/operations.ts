/** Service-linked roles: made for a service, changed by it alone, deleted by a task that can be asked about. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { invalidInput, noSuchEntity } from '../errors.ts';
import { limits } from '../limits.ts';
import { requireRole, shownRole } from '../roles/role.ts';
import type { Operation } from '../sdk.ts';
import { attachments, deletionTasks, fold, roles, type Role } from '../tables.ts';
import { linkedServices } from './known-services.ts';

export const CreateServiceLinkedRole: Operation<'CreateServiceLinkedRole'> = async (request, input) => {
  const service = input.AWSServiceName;
  const known = Object.hasOwn(linkedServices, service) ? linkedServices[service]! : undefined;
  if (!known) throw invalidInput(`Service ${service} is not a valid service name for a service-linked role.`);
  if (input.CustomSuffix !== undefined && !known.suffix) throw invalidInput('Custom suffix is not allowed for ' + service);
  const name = known.role + (input.CustomSuffix === undefined ? '' : `_${input.CustomSuffix}`);
  const description = input.Description ?? known.description;
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] };
  const role: Role = {
    account: request.account,
    name,
    id: uniqueId('AROA', request.random),
    path: `/aws-service-role/${service}/`,
    createdAt: request.now,
    trustPolicy: JSON.stringify(trust),
    ...(description !== undefined && { description }),
    maxSessionSeconds: limits.maxSessionSecondsDefault,
    tags: [],
    linkedService: service,
  };
  await commit(request, async (tx) => {
    if (await roles.get(tx, role.account, fold(name)))
      throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
    await changeCount(tx, request, 'roles', 1, limits.rolesPerAccount, 'RolesPerAccount');
    await roles.put(tx, role);
    if (known.policy)
      await attachments.put(tx, {
        account: role.account,
        ownerId: role.id,
        ownerKind: 'role',
        policyArn: `arn:aws:iam::aws:policy/aws-service-role/${known.policy}`,
      });
  });
  return { Role: shownRole(role) };
};

export const DeleteServiceLinkedRole: Operation<'DeleteServiceLinkedRole'> = async (request, input) => {
  const suffix = request.random.uuid();
  const id = await commit(request, async (tx) => {
    const role = await requireRole(tx, request.account, input.RoleName);
    if (role.linkedService === undefined) throw invalidInput(`${role.name} is not a service-linked role.`);
    const id = `task${role.path}${role.name}/${suffix}`;
    for (const { row } of await attachments.scan(tx, [role.account, role.id]))
      await attachments.delete(tx, row.account, row.ownerId, row.policyArn);
    await roles.delete(tx, role.account, fold(role.name));
    await changeCount(tx, request, 'roles', -1);
    await deletionTasks.put(tx, { account: role.account, id, role: role.name, createdAt: request.now });
    return id;
  });
  return { DeletionTaskId: id };
};

export const GetServiceLinkedRoleDeletionStatus: Operation<'GetServiceLinkedRoleDeletionStatus'> = async (request, input) => {
  const task = await request.store.read((tx) => deletionTasks.get(tx, request.account, input.DeletionTaskId));
  if (!task) throw noSuchEntity(`Deletion task ${input.DeletionTaskId} cannot be found.`);
  return { Status: 'SUCCEEDED' };
};
