/** Server certificates, for load balancers and distributions that do not use ACM. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { arn } from '../../../framework/arn.ts';
import { uniqueId } from '../../../framework/access-key-id.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { changeCount } from '../account/counts.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, malformedCertificate, noServerCertificate } from '../errors.ts';
import { limits } from '../limits.ts';
import { page, tablePage } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { sealSecret } from '../secrets.ts';
import { fold, serverCertificates, type ServerCertificate } from '../tables.ts';
import { mergedTags, newTags, tagsMember, withoutTags } from '../tags.ts';

export function serverCertificateArn(certificate: { account: string; path: string; name: string }): string {
  return arn('iam', '', certificate.account, `server-certificate${certificate.path}${certificate.name}`);
}

/** Throws NoSuchEntity. */
export async function requireServerCertificate(tx: ReadTransaction, account: string, name: string): Promise<ServerCertificate> {
  const certificate = await serverCertificates.get(tx, account, fold(name));
  if (!certificate) throw noServerCertificate(name);
  return certificate;
}

function metadataOf(certificate: ServerCertificate) {
  return {
    Path: certificate.path,
    ServerCertificateName: certificate.name,
    ServerCertificateId: certificate.id,
    Arn: serverCertificateArn(certificate),
    UploadDate: dateOf(certificate.uploadedAt),
    Expiration: dateOf(certificate.expiresAt),
  };
}

/** Reads a PEM certificate. Throws MalformedCertificate. */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new AwsError('MalformedCertificate', 'Unable to parse certificate. Please ensure the certificate is in PEM format.', { cause });
  }
}

/** Throws MalformedCertificate or KeyPairMismatch; gives when the certificate expires. */
function checkPair(body: string, privateKey: string, chain: string | undefined): number {
  const certificate = readCertificate(body);
  for (const [pem] of chain?.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []) readCertificate(pem);
  let key;
  try {
    key = createPrivateKey(privateKey);
  } catch {
    throw malformedCertificate('Unable to parse private key. Please ensure the key is in PEM format, and is not encrypted.');
  }
  if (!certificate.checkPrivateKey(key)) throw new AwsError('KeyPairMismatch', "Private key doesn't match certificate.");
  return certificate.validToDate.getTime();
}

export const UploadServerCertificate: Operation<'UploadServerCertificate'> = async (request, input) => {
  const expiresAt = checkPair(input.CertificateBody, input.PrivateKey, input.CertificateChain);
  const id = uniqueId('ASCA', request.random);
  const certificate: ServerCertificate = {
    account: request.account,
    name: input.ServerCertificateName,
    id,
    path: input.Path ?? '/',
    uploadedAt: request.now,
    expiresAt,
    body: input.CertificateBody.trim(),
    ...(input.CertificateChain !== undefined && { chain: input.CertificateChain.trim() }),
    sealedPrivateKey: await sealSecret(request.store, request.random, id, input.PrivateKey),
    tags: newTags(input.Tags),
  };
  await commit(request, async (tx) => {
    if (await serverCertificates.get(tx, certificate.account, fold(certificate.name)))
      throw alreadyExists(`The Server Certificate with name ${certificate.name} already exists.`);
    await changeCount(tx, request, 'serverCertificates', 1, limits.serverCertificatesPerAccount, 'ServerCertificatesPerAccount');
    await serverCertificates.put(tx, certificate);
  });
  return { ServerCertificateMetadata: metadataOf(certificate), ...tagsMember(certificate.tags) };
};

export const GetServerCertificate: Operation<'GetServerCertificate'> = async (request, input) => {
  const certificate = await request.store.read((tx) => requireServerCertificate(tx, request.account, input.ServerCertificateName));
  const chain = certificate.chain === undefined ? {} : { CertificateChain: certificate.chain };
  return {
    ServerCertificate: {
      ServerCertificateMetadata: metadataOf(certificate),
      CertificateBody: certificate.body,
      ...chain,
      ...tagsMember(certificate.tags),
    },
  };
};

export const ListServerCertificates: Operation<'ListServerCertificates'> = async (request, input) => {
  const prefix = input.PathPrefix ?? '/';
  const { rows, ...more } = await request.store.read((tx) =>
    tablePage(tx, serverCertificates, [request.account], input, (certificate) => certificate.path.startsWith(prefix)),
  );
  return { ServerCertificateMetadataList: rows.map(metadataOf), ...more };
};

export const UpdateServerCertificate: Operation<'UpdateServerCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireServerCertificate(tx, request.account, input.ServerCertificateName);
    const name = input.NewServerCertificateName ?? certificate.name;
    if (fold(name) !== fold(certificate.name)) {
      if (await serverCertificates.get(tx, certificate.account, fold(name)))
        throw alreadyExists(`The Server Certificate with name ${name} already exists.`);
      await serverCertificates.delete(tx, certificate.account, fold(certificate.name));
    }
    await serverCertificates.put(tx, { ...certificate, name, path: input.NewPath ?? certificate.path });
  });
  return {};
};

export const DeleteServerCertificate: Operation<'DeleteServerCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireServerCertificate(tx, request.account, input.ServerCertificateName);
    await serverCertificates.delete(tx, certificate.account, fold(certificate.name));
    await changeCount(tx, request, 'serverCertificates', -1);
  });
  return {};
};

export const TagServerCertificate: Operation<'TagServerCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireServerCertificate(tx, request.account, input.ServerCertificateName);
    await serverCertificates.put(tx, { ...certificate, tags: mergedTags(certificate.tags, input.Tags) });
  });
  return {};
};

export const UntagServerCertificate: Operation<'UntagServerCertificate'> = async (request, input) => {
  await commit(request, async (tx) => {
    const certificate = await requireServerCertificate(tx, request.account, input.ServerCertificateName);
    await serverCertificates.put(tx, { ...certificate, tags: withoutTags(certificate.tags, input.TagKeys) });
  });
  return {};
};

export const ListServerCertificateTags: Operation<'ListServerCertificateTags'> = async (request, input) => {
  const certificate = await request.store.read((tx) => requireServerCertificate(tx, request.account, input.ServerCertificateName));
  const { items, ...more } = page(certificate.tags, input, (tag) => tag.Key);
  return { Tags: items, ...more };
};
