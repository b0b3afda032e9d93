/** Server certificates, signing certificates, SSH keys and service-specific credentials, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { selfSigned } from './self-signed.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('a server certificate is read back without its key', async () => {
  const { certificate, privateKey } = await selfSigned('www.example.com');
  const other = await selfSigned('other.example.com');
  const upload = { ServerCertificateName: 'www', CertificateBody: certificate, PrivateKey: privateKey };
  const { ServerCertificateMetadata: made } = await iam.send(
    new Iam.UploadServerCertificateCommand({
      ...upload,
      Path: '/cloudfront/',
      CertificateChain: other.certificate,
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  assert.equal(made?.Arn, 'arn:aws:iam::000000000000:server-certificate/cloudfront/www');
  assert.match(made.ServerCertificateId!, /^ASCA[A-Z2-7]{17}$/);
  assert.equal(made.Expiration?.toISOString(), '2036-01-01T00:00:00.000Z');
  const { ServerCertificate } = await iam.send(new Iam.GetServerCertificateCommand({ ServerCertificateName: 'www' }));
  assert.equal(ServerCertificate?.CertificateBody, certificate.trim());
  assert.equal(ServerCertificate.CertificateChain, other.certificate.trim());
  await assert.rejects(
    iam.send(new Iam.UploadServerCertificateCommand({ ...upload, ServerCertificateName: 'mixed', PrivateKey: other.privateKey })),
    { name: 'KeyPairMismatchException' },
  );
  await assert.rejects(
    iam.send(new Iam.UploadServerCertificateCommand({ ...upload, ServerCertificateName: 'broken', CertificateBody: 'nothing' })),
    { name: 'MalformedCertificateException' },
  );
  await iam.send(new Iam.TagServerCertificateCommand({ ServerCertificateName: 'www', Tags: [{ Key: 'c', Value: 'd' }] }));
  await iam.send(new Iam.UntagServerCertificateCommand({ ServerCertificateName: 'www', TagKeys: ['a'] }));
  assert.deepEqual((await iam.send(new Iam.ListServerCertificateTagsCommand({ ServerCertificateName: 'www' }))).Tags, [
    { Key: 'c', Value: 'd' },
  ]);
  await iam.send(new Iam.UpdateServerCertificateCommand({ ServerCertificateName: 'www', NewServerCertificateName: 'web', NewPath: '/' }));
  assert.deepEqual(
    (await iam.send(new Iam.ListServerCertificatesCommand({}))).ServerCertificateMetadataList?.map((each) => each.Arn),
    ['arn:aws:iam::000000000000:server-certificate/web'],
  );
  await iam.send(new Iam.DeleteServerCertificateCommand({ ServerCertificateName: 'web' }));
  await assert.rejects(iam.send(new Iam.GetServerCertificateCommand({ ServerCertificateName: 'web' })), {
    name: 'NoSuchEntityException',
    message: 'The Server Certificate with name web cannot be found.',
  });
});

test('signing certificates', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'signer' }));
  const { certificate } = await selfSigned('signer');
  const { Certificate } = await iam.send(new Iam.UploadSigningCertificateCommand({ UserName: 'signer', CertificateBody: certificate }));
  const own = { UserName: 'signer', CertificateId: Certificate!.CertificateId! };
  await assert.rejects(iam.send(new Iam.UploadSigningCertificateCommand({ UserName: 'signer', CertificateBody: certificate })), {
    name: 'DuplicateCertificateException',
  });
  await iam.send(new Iam.UpdateSigningCertificateCommand({ ...own, Status: 'Inactive' }));
  assert.deepEqual(
    (await iam.send(new Iam.ListSigningCertificatesCommand({ UserName: 'signer' }))).Certificates?.map((each) => each.Status),
    ['Inactive'],
  );
  await assert.rejects(iam.send(new Iam.DeleteUserCommand({ UserName: 'signer' })), {
    message: 'Cannot delete entity, must delete signing certificates first.',
  });
  await iam.send(new Iam.DeleteSigningCertificateCommand(own));
  await assert.rejects(iam.send(new Iam.DeleteSigningCertificateCommand(own)), { name: 'NoSuchEntityException' });
});

test('an SSH public key is given back in both encodings', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'shelly' }));
  const { publicKey } = await selfSigned('shelly');
  const { SSHPublicKey } = await iam.send(new Iam.UploadSSHPublicKeyCommand({ UserName: 'shelly', SSHPublicKeyBody: publicKey }));
  const own = { UserName: 'shelly', SSHPublicKeyId: SSHPublicKey!.SSHPublicKeyId! };
  assert.match(own.SSHPublicKeyId, /^APKA/);
  const ssh = (await iam.send(new Iam.GetSSHPublicKeyCommand({ ...own, Encoding: 'SSH' }))).SSHPublicKey!.SSHPublicKeyBody!;
  assert.match(ssh, /^ssh-rsa AAAAB3NzaC1yc2E/);
  await iam.send(new Iam.DeleteSSHPublicKeyCommand(own));
  const again = (await iam.send(new Iam.UploadSSHPublicKeyCommand({ UserName: 'shelly', SSHPublicKeyBody: `${ssh} shelly@home` })))
    .SSHPublicKey!;
  assert.equal(again.Fingerprint, SSHPublicKey!.Fingerprint);
  assert.equal(
    (await iam.send(new Iam.GetSSHPublicKeyCommand({ UserName: 'shelly', SSHPublicKeyId: again.SSHPublicKeyId!, Encoding: 'PEM' })))
      .SSHPublicKey?.SSHPublicKeyBody,
    publicKey,
  );
  await iam.send(new Iam.UpdateSSHPublicKeyCommand({ UserName: 'shelly', SSHPublicKeyId: again.SSHPublicKeyId!, Status: 'Inactive' }));
  assert.deepEqual(
    (await iam.send(new Iam.ListSSHPublicKeysCommand({ UserName: 'shelly' }))).SSHPublicKeys?.map((each) => each.Status),
    ['Inactive'],
  );
  await assert.rejects(iam.send(new Iam.UploadSSHPublicKeyCommand({ UserName: 'shelly', SSHPublicKeyBody: 'ssh-rsa AAAA' })), {
    name: 'InvalidPublicKeyException',
  });
});

test('service-specific credentials', async () => {
  await iam.send(new Iam.CreateUserCommand({ UserName: 'cody' }));
  const own = { UserName: 'cody', ServiceName: 'codecommit.amazonaws.com' };
  const { ServiceSpecificCredential: made } = await iam.send(new Iam.CreateServiceSpecificCredentialCommand(own));
  assert.equal(made?.ServiceUserName, 'cody-at-000000000000');
  const id = { UserName: 'cody', ServiceSpecificCredentialId: made.ServiceSpecificCredentialId! };
  const { ServiceSpecificCredential: reset } = await iam.send(new Iam.ResetServiceSpecificCredentialCommand(id));
  assert.notEqual(reset?.ServicePassword, made.ServicePassword);
  await iam.send(new Iam.UpdateServiceSpecificCredentialCommand({ ...id, Status: 'Inactive' }));
  assert.deepEqual(
    (await iam.send(new Iam.ListServiceSpecificCredentialsCommand({ UserName: 'cody' }))).ServiceSpecificCredentials?.map(
      (each) => each.Status,
    ),
    ['Inactive'],
  );
  await assert.rejects(iam.send(new Iam.CreateServiceSpecificCredentialCommand({ ...own, ServiceName: 's3.amazonaws.com' })), {
    name: 'NoSuchEntityException',
    message: 'No such service s3.amazonaws.com is supported for Service Specific Credentials',
  });
  await iam.send(new Iam.DeleteServiceSpecificCredentialCommand(id));
  await assert.rejects(iam.send(new Iam.DeleteServiceSpecificCredentialCommand(id)), { name: 'NoSuchEntityException' });
});
