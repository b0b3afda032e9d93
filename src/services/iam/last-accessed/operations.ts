/** Access advisor: which services an entity may reach, and when it last did. */

import type { ReadTransaction } from '../../../store/store.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { dateOf } from '../dates.ts';
import { invalidInput, noJob, noSuchEntity } from '../errors.ts';
import { limits } from '../limits.ts';
import { indexRows, page } from '../pagination.ts';
import {
  attachments,
  fold,
  groups,
  lastAccessedJobs,
  memberships,
  policies,
  roles,
  serviceUses,
  users,
  type LastAccessedJob,
  type ServiceUse,
} from '../tables.ts';
import type { Operation } from '../sdk.ts';
import { groupArn } from '../groups/group.ts';
import { policyArn } from '../policies/policy.ts';
import { awsPolicies } from '../policies/aws-managed.ts';
import { roleArn } from '../roles/role.ts';
import { userArn } from '../users/user.ts';
import { entityPolicies } from '../policies/effective.ts';
import { ownerById, type Owner } from '../owners.ts';
import { serviceTitle, servicesOf } from './granted-services.ts';
import { flushUses } from './uses.ts';

/** The entity behind an ARN: a user, group or role, or the ARN of a policy. Throws NoSuchEntity or InvalidInput. */
export async function entityOfArn(
  tx: ReadTransaction,
  account: string,
  text: string,
  aws: ReadonlyMap<string, unknown>,
): Promise<{ owner: Owner } | { policyArn: string }> {
  const parsed = parseArn(text);
  if (!parsed || parsed.service !== 'iam') throw invalidInput(`Invalid ARN: ${text}`);
  const kind = parsed.resource.slice(0, parsed.resource.indexOf('/'));
  const name = fold(parsed.resource.slice(parsed.resource.lastIndexOf('/') + 1));
  const missing = () => noSuchEntity(`ARN ${text} does not exist.`);
  if (aws.has(text)) return { policyArn: text };
  if (parsed.account !== account) throw missing();
  if (kind === 'user') {
    const user = await users.get(tx, account, name);
    if (user && userArn(user) === text) return { owner: { kind, ...user } };
  } else if (kind === 'group') {
    const group = await groups.get(tx, account, name);
    if (group && groupArn(group) === text) return { owner: { kind, ...group } };
  } else if (kind === 'role') {
    const role = await roles.get(tx, account, name);
    if (role && roleArn(role) === text) return { owner: { kind, ...role } };
  } else if (kind === 'policy') {
    const policy = await policies.get(tx, account, name);
    if (policy && policyArn(policy) === text) return { policyArn: text };
  } else {
    throw invalidInput(`Invalid ARN: ${text}`);
  }
  throw missing();
}

export const GenerateServiceLastAccessedDetails: Operation<'GenerateServiceLastAccessedDetails'> = async (request, input) => {
  const aws = await awsPolicies();
  const id = request.random.uuid();
  await request.store.write(async (tx) => {
    await entityOfArn(tx, request.account, input.Arn, aws);
    for (const { row } of await lastAccessedJobs.scan(tx, [request.account])) {
      if (request.now - row.createdAt > limits.lastAccessedJobMs) await lastAccessedJobs.delete(tx, row.account, row.id);
    }
    await lastAccessedJobs.put(tx, {
      account: request.account,
      id,
      arn: input.Arn,
      actionLevel: input.Granularity === 'ACTION_LEVEL',
      createdAt: request.now,
    });
  });
  return { JobId: id };
};

async function requireJob(request: ServiceRequest, id: string): Promise<LastAccessedJob> {
  const job = await request.store.read((tx) => lastAccessedJobs.get(tx, request.account, id));
  if (!job || request.now - job.createdAt > limits.lastAccessedJobMs) throw noJob(id);
  return job;
}

type Usage = { owner: Owner; uses: ServiceUse[] };

/** Users and roles that count for an entity: itself, a group's members, or all to whom a policy is attached. */
async function usagesOf(tx: ReadTransaction, account: string, entity: { owner: Owner } | { policyArn: string }): Promise<Usage[]> {
  const owners = 'owner' in entity ? [entity.owner] : await attachedOwners(tx, account, entity.policyArn);
  const actors: Owner[] = [];
  for (const owner of owners) {
    if (owner.kind !== 'group') actors.push(owner);
    else
      for (const { row } of await memberships.scan(tx, [account, owner.id]))
        actors.push(...[await ownerById(tx, account, 'user', row.userId)].filter((found) => found !== undefined));
  }
  const usages: Usage[] = [];
  for (const owner of new Map(actors.map((actor) => [actor.id, actor])).values())
    usages.push({ owner, uses: (await serviceUses.scan(tx, [account, owner.id])).map(({ row }) => row) });
  return usages;
}

async function attachedOwners(tx: ReadTransaction, account: string, arn: string): Promise<Owner[]> {
  const owners: Owner[] = [];
  for (const row of await indexRows(tx, attachments, 'byPolicy', [account, arn])) {
    const owner = await ownerById(tx, account, row.ownerKind, row.ownerId);
    if (owner) owners.push(owner);
  }
  return owners;
}

export const GetServiceLastAccessedDetails: Operation<'GetServiceLastAccessedDetails'> = async (request, input) => {
  await flushUses(request.store);
  const job = await requireJob(request, input.JobId);
  const aws = await awsPolicies();
  const entity = await request.store.read((tx) => entityOfArn(tx, request.account, job.arn, aws));
  const granted = servicesOf(await entityPolicies(request.store, request.account, entity));
  const usages = await request.store.read((tx) => usagesOf(tx, request.account, entity));
  const { items, ...more } = page(granted, input, (service) => service);
  return {
    JobStatus: 'COMPLETED',
    JobType: job.actionLevel ? 'ACTION_LEVEL' : 'SERVICE_LEVEL',
    JobCreationDate: dateOf(job.createdAt),
    JobCompletionDate: dateOf(job.createdAt),
    ServicesLastAccessed: items.map((service) => lastAccess(service, usages, job.actionLevel)),
    ...more,
  };
};

function lastAccess(service: string, usages: readonly Usage[], actionLevel: boolean) {
  const hits = usages
    .flatMap(({ owner, uses }) => uses.filter((use) => use.service === service).map((use) => ({ owner, use })))
    .sort((a, b) => b.use.at - a.use.at);
  const last = hits[0];
  const actions = new Map(
    hits.toReversed().flatMap(({ owner, use }) => Object.entries(use.actions).map(([name, mark]) => [name, { owner, mark }] as const)),
  );
  const tracked = [...actions].map(([name, { owner, mark }]) => ({
    ActionName: name,
    LastAccessedEntity: ownerArn(owner),
    LastAccessedTime: dateOf(mark.at),
    LastAccessedRegion: mark.region,
  }));
  return {
    ServiceName: serviceTitle(service),
    ServiceNamespace: service,
    TotalAuthenticatedEntities: hits.length,
    ...(last && {
      LastAuthenticated: dateOf(last.use.at),
      LastAuthenticatedEntity: ownerArn(last.owner),
      LastAuthenticatedRegion: last.use.region,
    }),
    ...(actionLevel && { TrackedActionsLastAccessed: tracked }),
  };
}

function ownerArn(owner: Owner): string {
  return owner.kind === 'user' ? userArn(owner) : owner.kind === 'role' ? roleArn(owner) : groupArn(owner);
}

export const GetServiceLastAccessedDetailsWithEntities: Operation<'GetServiceLastAccessedDetailsWithEntities'> = async (request, input) => {
  await flushUses(request.store);
  const job = await requireJob(request, input.JobId);
  const aws = await awsPolicies();
  const usages = await request.store.read(async (tx) =>
    usagesOf(tx, request.account, await entityOfArn(tx, request.account, job.arn, aws)),
  );
  const { items, ...more } = page(usages, input, ({ owner }) => owner.id);
  const EntityDetailsList = items.map(({ owner, uses }) => {
    const use = uses.find(({ service }) => service === input.ServiceNamespace);
    const Type: 'USER' | 'ROLE' = owner.kind === 'user' ? 'USER' : 'ROLE';
    return {
      EntityInfo: { Arn: ownerArn(owner), Name: owner.name, Type, Id: owner.id, Path: owner.path },
      ...(use && { LastAuthenticated: dateOf(use.at) }),
    };
  });
  return {
    JobStatus: 'COMPLETED',
    JobCreationDate: dateOf(job.createdAt),
    JobCompletionDate: dateOf(job.createdAt),
    EntityDetailsList,
    ...more,
  };
};

export const ListPoliciesGrantingServiceAccess: Operation<'ListPoliciesGrantingServiceAccess'> = async (request, input) => {
  const aws = await awsPolicies();
  const entity = await request.store.read((tx) => entityOfArn(tx, request.account, input.Arn, aws));
  if (!('owner' in entity)) throw invalidInput(`Invalid ARN: ${input.Arn}`);
  const all = await entityPolicies(request.store, request.account, entity);
  const { items, ...more } = page(input.ServiceNamespaces, input, (service) => service);
  const PoliciesGrantingServiceAccess = items.map((service) => ({
    ServiceNamespace: service,
    Policies: all
      .filter((policy) => servicesOf([policy]).includes(service))
      .map((policy) => {
        if (policy.arn !== undefined) return { PolicyName: policy.policyName, PolicyType: 'MANAGED' as const, PolicyArn: policy.arn };
        const EntityType = policy.owner.kind.toUpperCase() as 'USER' | 'ROLE' | 'GROUP';
        return { PolicyName: policy.policyName, PolicyType: 'INLINE' as const, EntityType, EntityName: policy.owner.name };
      }),
  }));
  return { PoliciesGrantingServiceAccess, ...more };
};
