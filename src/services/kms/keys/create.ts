/** CreateKey: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestTagContext } from '../../../framework/tags.ts';
import { constraint, validation } from '../errors.ts';
import { requireNoLockout } from '../key-policies/operations.ts';
import { defaultPolicy } from '../key-policies/policy.ts';
import { descriptionCharactersMax } from '../limits.ts';
import { newMaterial } from '../materials/material.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags } from '../tagging/tags.ts';
import type { Key, KeySpec, KeyUsage } from '../tables.ts';
import { isKeySpec, metadataOf, specs } from './key.ts';
import { writeKey } from './managed.ts';

const usages = new Set<string>(['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT']);
const unbuiltSpecs = /^(SM2|ML_DSA_(44|65|87))$/;

export const CreateKey: Operation<'CreateKey'> = async (request, input) => {
  refuseUnbuilt(input);
  const spec = specOf(input);
  const usage = usageOf(input, spec);
  const description = checkedDescription(input.Description);
  const tags = checkedTags(input.Tags ?? []);
  const { account, region, now, random } = request;
  const id = random.uuid();
  const policy = input.Policy ?? defaultPolicy(account);
  if (input.Policy !== undefined) await requireNoLockout(request, { account, region, id }, policy, input.BypassPolicyLockoutSafetyCheck);
  const material = await newMaterial(request, { id, spec }, { version: 1, created: now });
  const key: Key = {
    ...{ account, region, id, created: now, description, spec, usage, manager: 'CUSTOMER', state: 'Enabled' },
    ...{ policy: random.uuid(), version: 1, material: material.id },
    ...(tags.length > 0 && { tags }),
  };
  await request.store.write((tx) => writeKey(tx, key, material, policy));
  return { KeyMetadata: metadataOf(key) };
};

function refuseUnbuilt(input: Input<'CreateKey'>): void {
  const refuse = (what: string): never => {
    throw notImplemented(`kms:CreateKey with ${what}`);
  };
  if (input.MultiRegion) refuse('MultiRegion');
  if (input.CustomKeyStoreId !== undefined) refuse('CustomKeyStoreId');
  if (input.XksKeyId !== undefined) refuse('XksKeyId');
  if (input.Origin !== undefined && input.Origin !== 'AWS_KMS') refuse(`Origin ${input.Origin}`);
}

function specOf(input: Input<'CreateKey'>): KeySpec {
  const { KeySpec: spec, CustomerMasterKeySpec: old } = input;
  if (spec !== undefined && old !== undefined)
    throw validation('You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.');
  const named: string = spec ?? old ?? 'SYMMETRIC_DEFAULT';
  if (isKeySpec(named)) return named;
  if (unbuiltSpecs.test(named)) throw notImplemented(`kms:CreateKey with KeySpec ${named}`);
  throw constraint('keySpec', named, `satisfy enum value set: [${Object.keys(specs).join(', ')}]`);
}

function usageOf(input: Input<'CreateKey'>, spec: KeySpec): KeyUsage {
  const named: string | undefined = input.KeyUsage;
  if (named === undefined) {
    if (spec === 'SYMMETRIC_DEFAULT') return 'ENCRYPT_DECRYPT';
    throw validation('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  if (!usages.has(named)) throw constraint('keyUsage', named, `satisfy enum value set: [${[...usages].join(', ')}]`);
  const usage = named as KeyUsage;
  if (!specs[spec].usages.includes(usage)) throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  return usage;
}

export function checkedDescription(description = ''): string {
  if (description.length > descriptionCharactersMax)
    throw constraint('description', description, `have length less than or equal to ${descriptionCharactersMax}`);
  return description;
}

/** The key is not there yet: the caller's policies decide. */
export function onCreateKey(request: ServiceRequest, input: Input<'CreateKey'>): Check[] {
  const tags = (input.Tags ?? []).map((tag) => ({ Key: tag.TagKey ?? '', Value: tag.TagValue ?? '' }));
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  const context = {
    'kms:CallerAccount': request.principal.account,
    'kms:KeySpec': spec,
    'kms:KeyUsage': input.KeyUsage ?? 'ENCRYPT_DECRYPT',
    'kms:KeyOrigin': input.Origin ?? 'AWS_KMS',
    'kms:MultiRegion': String(input.MultiRegion ?? false),
    'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
    ...requestTagContext(tags),
  };
  const create = { action: 'kms:CreateKey', resource: '*', context };
  return tags.length > 0 ? [create, { ...create, action: 'kms:TagResource' }] : [create];
}
