/** Service-specific credentials: user names and passwords for services that do not take signatures. */

import { uniqueId } from '../../../framework/access-key-id.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { noSuchEntity, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { sealSecret } from '../secrets.ts';
import { serviceCredentials, type ServiceCredential } from '../tables.ts';
import { requireCredentialOwner, requireUser, userById } from '../users/user.ts';

const services = new Set(['codecommit.amazonaws.com', 'cassandra.amazonaws.com']);
const passwordAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function checkService(name: string): void {
  if (!services.has(name)) throw noSuchEntity(`No such service ${name} is supported for Service Specific Credentials`);
}

function metadata(userName: string, credential: ServiceCredential) {
  return {
    UserName: userName,
    Status: credential.status,
    ServiceUserName: credential.serviceUserName,
    CreateDate: dateOf(credential.createdAt),
    ServiceSpecificCredentialId: credential.id,
    ServiceName: credential.service,
  };
}

/** A password and its sealed form. */
async function newPassword(request: ServiceRequest, id: string): Promise<{ password: string; sealedPassword: string }> {
  const password = request.random.text(43, passwordAlphabet) + '=';
  return { password, sealedPassword: await sealSecret(request.store, request.random, id, password) };
}

async function requireCredential(tx: ReadTransaction, request: ServiceRequest, userName: string | undefined, id: string) {
  const owner = await requireCredentialOwner(tx, request, userName);
  const credential = await serviceCredentials.get(tx, request.account, owner.id, id);
  if (!credential) throw noSuchEntity(`No such credential ${id} exists`);
  return { owner, credential };
}

export const CreateServiceSpecificCredential: Operation<'CreateServiceSpecificCredential'> = async (request, input) => {
  if (input.CredentialAgeDays !== undefined) throw notImplemented('the age of service-specific credentials (CredentialAgeDays)');
  const id = uniqueId('ACCA', request.random);
  const { password, sealedPassword } = await newPassword(request, id);
  return commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, input.UserName);
    checkService(input.ServiceName);
    const others = (await serviceCredentials.scan(tx, [user.account, user.id])).filter(({ row }) => row.service === input.ServiceName);
    if (others.length >= limits.serviceCredentialsPerUserAndService)
      throw quotaExceeded('ServiceSpecificCredentialsPerUser', limits.serviceCredentialsPerUserAndService);
    const suffix = others.length > 0 ? `+${others.length}` : '';
    const credential: ServiceCredential = {
      account: user.account,
      userId: user.id,
      id,
      service: input.ServiceName,
      serviceUserName: `${user.name}${suffix}-at-${user.account}`,
      sealedPassword,
      status: 'Active',
      createdAt: request.now,
    };
    await serviceCredentials.put(tx, credential);
    return { ServiceSpecificCredential: { ...metadata(user.name, credential), ServicePassword: password } };
  });
};

export const ResetServiceSpecificCredential: Operation<'ResetServiceSpecificCredential'> = async (request, input) => {
  const { password, sealedPassword } = await newPassword(request, input.ServiceSpecificCredentialId);
  return commit(request, async (tx) => {
    const { owner, credential } = await requireCredential(tx, request, input.UserName, input.ServiceSpecificCredentialId);
    await serviceCredentials.put(tx, { ...credential, sealedPassword });
    return { ServiceSpecificCredential: { ...metadata(owner.name, credential), ServicePassword: password } };
  });
};

export const ListServiceSpecificCredentials: Operation<'ListServiceSpecificCredentials'> = (request, input) => {
  if (input.ServiceName !== undefined) checkService(input.ServiceName);
  return request.store.read(async (tx) => {
    const owner = input.AllUsers ? undefined : await requireCredentialOwner(tx, request, input.UserName);
    const fits = (credential: ServiceCredential) => input.ServiceName === undefined || credential.service === input.ServiceName;
    const { rows, ...more } = await tablePage(tx, serviceCredentials, owner ? [request.account, owner.id] : [request.account], input, fits);
    const ServiceSpecificCredentials = [];
    for (const row of rows)
      ServiceSpecificCredentials.push(metadata(owner?.name ?? (await userById(tx, row.account, row.userId))?.name ?? '', row));
    return { ServiceSpecificCredentials, ...more };
  });
};

export const UpdateServiceSpecificCredential: Operation<'UpdateServiceSpecificCredential'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { credential } = await requireCredential(tx, request, input.UserName, input.ServiceSpecificCredentialId);
    await serviceCredentials.put(tx, { ...credential, status: input.Status });
  });
  return {};
};

export const DeleteServiceSpecificCredential: Operation<'DeleteServiceSpecificCredential'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { credential } = await requireCredential(tx, request, input.UserName, input.ServiceSpecificCredentialId);
    await serviceCredentials.delete(tx, credential.account, credential.userId, credential.id);
  });
  return {};
};
