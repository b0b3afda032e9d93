/** Signing certificates of users, for the few services that still sign with X.509. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { noSuchEntity, quotaExceeded } from '../errors.ts';
import { limits } from '../limits.ts';
import { tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { readCertificate } from '../server-certificates/operations.ts';
import { signingCertificates, type SigningCertificate } from '../tables.ts';
import { requireCredentialOwner } from '../users/user.ts';

function shown(userName: string, certificate: SigningCertificate) {
  return {
    UserName: userName,
    CertificateId: certificate.id,
    CertificateBody: certificate.body,
    Status: certificate.status,
    UploadDate: dateOf(certificate.uploadedAt),
  };
}

async function requireCertificate(
  tx: ReadTransaction,
  request: ServiceRequest,
  userName: string | undefined,
  id: string,
): Promise<SigningCertificate> {
  const owner = await requireCredentialOwner(tx, request, userName);
  const certificate = await signingCertificates.get(tx, request.account, owner.id, id);
  if (!certificate) throw noSuchEntity(`The Certificate with id ${id} cannot be found.`);
  return certificate;
}

export const UploadSigningCertificate: Operation<'UploadSigningCertificate'> = async (request, input) => {
  const parsed = readCertificate(input.CertificateBody);
  const id = request.random.text(32, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
  return commit(request, async (tx) => {
    const owner = await requireCredentialOwner(tx, request, input.UserName);
    const others = await signingCertificates.scan(tx, [request.account, owner.id]);
    if (others.some(({ row }) => row.fingerprint === parsed.fingerprint256))
      throw new AwsError('DuplicateCertificate', 'The same certificate is already associated with this user.');
    if (others.length >= limits.signingCertificatesPerUser) throw quotaExceeded('CertificatesPerUser', limits.signingCertificatesPerUser);
    const certificate: SigningCertificate = {
      account: request.account,
      userId: owner.id,
      id,
      body: input.CertificateBody,
      fingerprint: parsed.fingerprint256,
      status: 'Active',
      uploadedAt: request.now,
    };
    await signingCertificates.put(tx, certificate);
    return { Certificate: shown(owner.name, certificate) };
  });
};

export const ListSigningCertificates: Operation<'ListSigningCertificates'> = (request, input) =>
  request.store.read(async (tx) => {
    const owner = await requireCredentialOwner(tx, request, input.UserName);
    const { rows, ...more } = await tablePage(tx, signingCertificates, [request.account, owner.id], input);
    return { Certificates: rows.map((certificate) => shown(owner.name, certificate)), ...more };
  });

export const UpdateSigningCertificate: Operation<'UpdateSigningCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireCertificate(tx, request, input.UserName, input.CertificateId);
    await signingCertificates.put(tx, { ...certificate, status: input.Status });
  });
  return {};
};

export const DeleteSigningCertificate: Operation<'DeleteSigningCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireCertificate(tx, request, input.UserName, input.CertificateId);
    await signingCertificates.delete(tx, certificate.account, certificate.userId, certificate.id);
  });
  return {};
};
