/** What each operation of KMS asks to be allowed. */

import type { Authorizer } from '../../framework/authorization.ts';
import { requestTagContext, tagKeyContext } from '../../framework/tags.ts';
import type { ServiceDefinition } from '../../framework/service.ts';
import { onCreateAlias, onDeleteAlias, onUpdateAlias } from './aliases/operations.ts';
import { onDecrypt, onReEncrypt } from './cryptography/encryption.ts';
import { onRetireGrant } from './grants/operations.ts';
import { onCreateKey } from './keys/create.ts';
import { onKey, onOwnKey } from './permissions.ts';
import type { Input, Kms } from './sdk.ts';

/** Actions on no resource. */
const onAll =
  (action: string): Authorizer<unknown> =>
  (request) => [{ action: `kms:${action}`, resource: '*', context: { 'kms:CallerAccount': request.principal.account } }];

const signing = (input: { SigningAlgorithm: string; MessageType?: string | undefined }) => ({
  'kms:SigningAlgorithm': input.SigningAlgorithm,
  'kms:MessageType': input.MessageType ?? 'RAW',
});
const encryption = (input: { EncryptionAlgorithm?: string | undefined }) => ({
  'kms:EncryptionAlgorithm': input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
});
const pair = (input: { KeyPairSpec: string }) => ({ 'kms:DataKeyPairSpec': input.KeyPairSpec });
const symmetric = () => ({ 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' });
const mac = (input: { MacAlgorithm: string }) => ({ 'kms:MacAlgorithm': input.MacAlgorithm });

const granting = (input: Input<'CreateGrant'>) => {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = input.Constraints ?? {};
  const type = equals ? 'EncryptionContextEquals' : subset ? 'EncryptionContextSubset' : undefined;
  return {
    'kms:GrantOperations': input.Operations,
    'kms:GranteePrincipal': input.GranteePrincipal,
    'kms:RetiringPrincipal': input.RetiringPrincipal,
    'kms:GrantConstraintType': type,
  };
};

export const authorize: ServiceDefinition<Kms>['authorize'] = {
  CancelKeyDeletion: onOwnKey('CancelKeyDeletion'),
  CreateAlias: onCreateAlias,
  CreateGrant: async (request, input) => {
    const [check] = await onKey('CreateGrant', granting)(request, input);
    // Grants for services are made by services on the caller's behalf.
    return [{ ...check!, context: { ...check!.context, 'kms:GrantIsForAWSResource': String(request.via.length > 0) } }];
  },
  CreateKey: onCreateKey,
  Decrypt: onDecrypt,
  DeleteAlias: onDeleteAlias,
  DeriveSharedSecret: onKey('DeriveSharedSecret', (input) => ({ 'kms:KeyAgreementAlgorithm': input.KeyAgreementAlgorithm })),
  DescribeKey: onKey('DescribeKey'),
  DisableKey: onOwnKey('DisableKey'),
  DisableKeyRotation: onOwnKey('DisableKeyRotation'),
  EnableKey: onOwnKey('EnableKey'),
  EnableKeyRotation: onOwnKey('EnableKeyRotation', (input) => ({
    'kms:RotationPeriodInDays': input.RotationPeriodInDays?.toString(),
  })),
  Encrypt: onKey<Input<'Encrypt'>>('Encrypt', encryption),
  GenerateDataKey: onKey('GenerateDataKey', symmetric),
  GenerateDataKeyPair: onKey('GenerateDataKeyPair', (input) => ({ ...pair(input), ...symmetric() })),
  GenerateDataKeyPairWithoutPlaintext: onKey('GenerateDataKeyPairWithoutPlaintext', (input) => ({ ...pair(input), ...symmetric() })),
  GenerateDataKeyWithoutPlaintext: onKey('GenerateDataKeyWithoutPlaintext', symmetric),
  GenerateMac: onKey<Input<'GenerateMac'>>('GenerateMac', mac),
  GenerateRandom: onAll('GenerateRandom'),
  GetKeyPolicy: onOwnKey('GetKeyPolicy'),
  GetKeyRotationStatus: onKey('GetKeyRotationStatus'),
  GetPublicKey: onKey('GetPublicKey'),
  ListAliases: onAll('ListAliases'),
  ListGrants: onKey('ListGrants'),
  ListKeyPolicies: onOwnKey('ListKeyPolicies'),
  ListKeyRotations: onOwnKey('ListKeyRotations'),
  ListKeys: onAll('ListKeys'),
  ListResourceTags: onOwnKey('ListResourceTags'),
  ListRetirableGrants: onAll('ListRetirableGrants'),
  PutKeyPolicy: onOwnKey('PutKeyPolicy', (input) => ({
    'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
  })),
  ReEncrypt: onReEncrypt,
  RetireGrant: onRetireGrant,
  RevokeGrant: onKey('RevokeGrant'),
  RotateKeyOnDemand: onOwnKey('RotateKeyOnDemand'),
  ScheduleKeyDeletion: onOwnKey('ScheduleKeyDeletion', (input) => ({
    'kms:ScheduleKeyDeletionPendingWindowInDays': String(input.PendingWindowInDays ?? 30),
  })),
  Sign: onKey<Input<'Sign'>>('Sign', signing),
  TagResource: onOwnKey('TagResource', (input) =>
    requestTagContext(input.Tags.map((tag) => ({ Key: tag.TagKey ?? '', Value: tag.TagValue ?? '' }))),
  ),
  UntagResource: onOwnKey('UntagResource', (input) => tagKeyContext(input.TagKeys)),
  UpdateAlias: onUpdateAlias,
  UpdateKeyDescription: onOwnKey('UpdateKeyDescription'),
  Verify: onKey<Input<'Verify'>>('Verify', signing),
  VerifyMac: onKey<Input<'VerifyMac'>>('VerifyMac', mac),
};
