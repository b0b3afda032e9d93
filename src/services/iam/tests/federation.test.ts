/** OpenID Connect and SAML providers, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('an OpenID Connect provider is read back and changed', async () => {
  const ThumbprintList = ['a'.repeat(40)];
  const { OpenIDConnectProviderArn: arn } = await iam.send(
    new Iam.CreateOpenIDConnectProviderCommand({
      Url: 'https://token.example.com/path',
      ClientIDList: ['one'],
      ThumbprintList,
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  assert.equal(arn, 'arn:aws:iam::000000000000:oidc-provider/token.example.com/path');
  const OpenIDConnectProviderArn = arn;
  await iam.send(new Iam.AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: 'two' }));
  await iam.send(new Iam.RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID: 'one' }));
  await iam.send(new Iam.UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList: ['b'.repeat(40)] }));
  await iam.send(new Iam.TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: [{ Key: 'c', Value: 'd' }] }));
  await iam.send(new Iam.UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys: ['a'] }));
  const { CreateDate, $metadata, ...read } = await iam.send(new Iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  assert.ok(CreateDate && $metadata);
  assert.deepEqual(read, {
    Url: 'token.example.com/path',
    ClientIDList: ['two'],
    ThumbprintList: ['b'.repeat(40)],
    Tags: [{ Key: 'c', Value: 'd' }],
  });
  assert.deepEqual((await iam.send(new Iam.ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList, [{ Arn: arn }]);
  assert.deepEqual((await iam.send(new Iam.ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn }))).Tags, [
    { Key: 'c', Value: 'd' },
  ]);
  await assert.rejects(iam.send(new Iam.CreateOpenIDConnectProviderCommand({ Url: 'https://token.example.com/path' })), {
    name: 'EntityAlreadyExistsException',
    message: 'Provider with url https://token.example.com/path already exists.',
  });
  await assert.rejects(iam.send(new Iam.CreateOpenIDConnectProviderCommand({ Url: 'nonsense' })), {
    name: 'ValidationError',
    message: 'Invalid Open ID Connect Provider URL',
  });
  await iam.send(new Iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  await iam.send(new Iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  const short = iam.send(new Iam.CreateOpenIDConnectProviderCommand({ Url: 'https://a.example.com', ThumbprintList: ['b', 'c'] }));
  await assert.rejects(short, {
    name: 'ValidationError',
    message:
      "1 validation error detected: Value '[b, c]' at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: " +
      '[Member must have length less than or equal to 40, Member must have length greater than or equal to 40]',
  });
  await assert.rejects(iam.send(new Iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })), {
    name: 'NoSuchEntityException',
    message: `OpenIDConnect Provider not found for arn ${arn}`,
  });
});

const metadata = (id: string) =>
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${id}" validUntil="2040-01-01T00:00:00Z"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${'<!-- filler -->'.repeat(80)}</IDPSSODescriptor></EntityDescriptor>`;

test('a SAML provider is read back and changed', async () => {
  const { SAMLProviderArn } = await iam.send(new Iam.CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument: metadata('one') }));
  assert.equal(SAMLProviderArn, 'arn:aws:iam::000000000000:saml-provider/corp');
  await iam.send(new Iam.UpdateSAMLProviderCommand({ SAMLProviderArn, SAMLMetadataDocument: metadata('two') }));
  await iam.send(
    new Iam.TagSAMLProviderCommand({
      SAMLProviderArn,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await iam.send(new Iam.UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys: ['a'] }));
  const read = await iam.send(new Iam.GetSAMLProviderCommand({ SAMLProviderArn }));
  assert.equal(read.SAMLMetadataDocument, metadata('two'));
  assert.equal(read.ValidUntil?.toISOString(), '2040-01-01T00:00:00.000Z');
  assert.deepEqual((await iam.send(new Iam.ListSAMLProviderTagsCommand({ SAMLProviderArn }))).Tags, [{ Key: 'b', Value: '2' }]);
  assert.deepEqual(
    (await iam.send(new Iam.ListSAMLProvidersCommand({}))).SAMLProviderList?.map((each) => each.Arn),
    [SAMLProviderArn],
  );
  await assert.rejects(iam.send(new Iam.CreateSAMLProviderCommand({ Name: 'bad', SAMLMetadataDocument: 'x'.repeat(1000) })), {
    name: 'InvalidInputException',
    message: 'Could not parse metadata',
  });
  await iam.send(new Iam.DeleteSAMLProviderCommand({ SAMLProviderArn }));
  await assert.rejects(iam.send(new Iam.GetSAMLProviderCommand({ SAMLProviderArn })), { name: 'NoSuchEntityException' });
});
