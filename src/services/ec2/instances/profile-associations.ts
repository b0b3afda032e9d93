/** The instance profile of an instance: given, changed and taken away while it lives; its metadata follow at once. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import type { Page } from '../../../store/table.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf, readPage } from '../pagination.ts';
import { newId, requireResource, type Place } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { associatedWith, incorrectInstanceState, instances, instanceType, type Associated, type Instance } from './instance.ts';
import { findProfile } from './profile.ts';

type State = 'associating' | 'associated' | 'disassociating';

const shown = ({ id, profile }: Associated, state: State) => ({
  ...{ AssociationId: profile.association, InstanceId: id, State: state, Timestamp: new Date(profile.since) },
  IamInstanceProfile: { Arn: profile.arn, Id: profile.id },
});

const filters: Filters<Associated> = { 'instance-id': (row) => row.id, state: () => 'associated' };

export const DescribeIamInstanceProfileAssociations: Operation<'DescribeIamInstanceProfileAssociations'> = async (request, input) => {
  const { AssociationIds: ids = [] } = input;
  const { account, region } = request;
  const page = pageOf('iam-instance-profile-associations', input);
  const fits = compileFilters(input.Filters, filters);
  const { rows, next } = await request.store.read(async (tx) => {
    if (ids.length > 0) {
      const found: Associated[] = [];
      for (const id of new Set(ids)) found.push(await requireAssociated(tx, request, id));
      return { rows: found.filter(fits), next: {} };
    }
    const read = (range: Page) => instances.scanIndex(tx, 'association', [account, region], range);
    return readPage('iam-instance-profile-associations', page, read, (row) => (fits(row as Associated) ? (row as Associated) : undefined));
  });
  return { IamInstanceProfileAssociations: rows.map((row) => shown(row, 'associated')), ...next };
};

export const AssociateIamInstanceProfile: Operation<'AssociateIamInstanceProfile'> = async (request, input) => {
  const found = await requiredProfile(request, input.IamInstanceProfile);
  const association = newId(request.random, 'iip-assoc');
  const row = await request.store.write(async (tx) => {
    const present = await requireResource(tx, request, instanceType, input.InstanceId);
    checkState(present);
    if (present.profile) throw refusal('IncorrectState')(`There is an existing association for instance ${present.id}`);
    return give(tx, present, { ...found, association, since: request.now });
  });
  return { IamInstanceProfileAssociation: shown(row, 'associating') };
};

export const ReplaceIamInstanceProfileAssociation: Operation<'ReplaceIamInstanceProfileAssociation'> = async (request, input) => {
  const found = await requiredProfile(request, input.IamInstanceProfile);
  const association = newId(request.random, 'iip-assoc');
  const row = await request.store.write(async (tx) => {
    const present = await requireAssociated(tx, request, input.AssociationId);
    checkState(present);
    return give(tx, present, { ...found, association, since: request.now });
  });
  return { IamInstanceProfileAssociation: shown(row, 'associating') };
};

export const DisassociateIamInstanceProfile: Operation<'DisassociateIamInstanceProfile'> = async (request, input) => {
  const row = await request.store.write(async (tx) => {
    const present = await requireAssociated(tx, request, input.AssociationId);
    const { profile: _gone, ...bare } = present;
    await instances.put(tx, bare);
    return present;
  });
  return { IamInstanceProfileAssociation: shown(row, 'disassociating') };
};

/** The caller is asked whether its role may be passed, as at a launch. */
async function requiredProfile(request: ServiceRequest, given: Input<'AssociateIamInstanceProfile'>['IamInstanceProfile']) {
  const found = await findProfile(request, given);
  if (!found) throw missingParameter('iamInstanceProfile');
  return found;
}

/** Running ones and stopped ones: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html */
function checkState({ id, state }: Instance): void {
  if (state === 'terminated' || state === 'shutting-down')
    throw incorrectInstanceState(`The instance '${id}' is not in a state from which it can be given an instance profile: ${state}.`);
}

async function give(tx: WriteTransaction, row: Instance, profile: Associated['profile']): Promise<Associated> {
  const next = { ...row, profile };
  await instances.put(tx, next);
  return next;
}

/** The instance that has an association. Throws InvalidAssociationID.NotFound. */
async function requireAssociated(tx: ReadTransaction, place: Place, id: string): Promise<Associated> {
  if (!/^iip-assoc-[0-9a-f]{8}([0-9a-f]{9})?$/.test(id)) throw invalidParameterValue(`Invalid value '${id}' for association-id.`);
  const found = await associatedWith(tx, place, id);
  if (!found) throw refusal('InvalidAssociationID.NotFound')(`An invalid association-id of '${id}' was given`);
  return found;
}
