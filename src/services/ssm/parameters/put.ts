/** PutParameter: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */

import type { ParameterType } from '@aws-sdk/client-ssm';
import { RE2JS, RE2JSSyntaxException } from 're2js';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { tagsOf } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import * as errors from '../errors.ts';
import { allowedPatternCharactersMax, descriptionCharactersMax, parametersMax, valueBytesMax, versionsMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import {
  labels,
  parameterCounts,
  parameters,
  parameterVersions,
  type Parameter,
  type ParameterPolicy,
  type ParameterVersion,
  type Tier,
} from '../tables.ts';
import { findParameter } from './lookup.ts';
import { newName } from './names.ts';
import { policiesAfterChange, readPolicies } from './policies.ts';
import { keyIdDefault, seal } from './sealing.ts';
import { checkTags } from './tags.ts';

type Put = Input<'PutParameter'>;

export const PutParameter: Operation<'PutParameter'> = async (request, input) => {
  const asked = newName(request, input.Name);
  checkForm(input);
  const tags = checkTags(tagsOf(input.Tags as { Key?: string; Value?: string }[] | undefined));
  const given = input.Policies === undefined ? undefined : readPolicies(input.Policies, request.now);
  const { account, region } = request;
  const before = await request.store.read(async (tx) => ({
    parameter: await findParameter(tx, request, asked),
    standard: (await parameterCounts.get(tx, account, region, 'Standard'))?.count ?? 0,
  }));
  const name = before.parameter?.name ?? asked;
  const next = described(request, input, before.parameter, { given, standard: before.standard });
  await checkValue(request, input.Value, next);
  const { type, keyId, tier } = next;
  const sealed = type === 'SecureString' ? await seal(request, { name, text: input.Value, keyId: keyId!, tier }) : { value: input.Value };
  const version = await request.store.write(async (tx) => {
    const present = await findParameter(tx, request, name);
    // Its other name was written meanwhile.
    if (present && present.name !== name) throw errors.parameterAlreadyExists();
    requirePutting(input, present);
    const parameter: Parameter = { ...next, account, region, name, version: (present?.version ?? 0) + 1, tags: present?.tags ?? tags };
    await count(tx, parameter, present?.tier);
    if (parameter.version > versionsMax) await dropVersion(tx, parameter, parameter.version - versionsMax);
    await parameters.put(tx, parameter);
    const { tags: _tags, ...rest } = parameter;
    await parameterVersions.put(tx, { ...rest, ...sealed } satisfies ParameterVersion);
    return parameter.version;
  });
  return { Version: version, Tier: tier };
};

/** Whether the parameter may be made, or made anew. Asked before a value is sealed, and again when it is written. */
function requirePutting({ Overwrite: overwrite = false, Type: type }: Put, present: Parameter | undefined): void {
  if (present && !overwrite) throw errors.parameterAlreadyExists();
  if (!present && type === undefined) throw errors.validationException('A parameter type is required when you create a parameter.');
  if (present && type !== undefined && type !== present.type) throw errors.typeMismatch();
}

type Next = Omit<Parameter, 'account' | 'region' | 'name' | 'version' | 'tags'>;

/** What the new version says beside its value: what is not given stays. */
function described(
  { now, principal }: ServiceRequest,
  input: Put,
  present: Parameter | undefined,
  { given, standard }: { given: ParameterPolicy[] | undefined; standard: number },
): Next {
  requirePutting(input, present);
  const type = (present?.type ?? input.Type) as ParameterType;
  const policies = given ?? policiesAfterChange(present?.policies ?? [], now);
  const tier = tierOf(input, present, { policies, standard });
  const dataType = input.DataType ?? present?.dataType ?? 'text';
  const description = input.Description ?? present?.description;
  const allowedPattern = input.AllowedPattern ?? present?.allowedPattern;
  if (input.KeyId !== undefined && type !== 'SecureString')
    throw errors.validationException('KeyId is allowed for parameters of the type SecureString alone.');
  if (dataType !== 'text' && type !== 'String')
    throw errors.validationException(`The data type ${dataType} is allowed for parameters of the type String alone.`);
  return {
    ...{ type, dataType, tier, policies, modified: now, modifiedBy: principal.arn },
    ...(type === 'SecureString' && { keyId: input.KeyId ?? keyIdDefault }),
    ...(description && { description }),
    ...(allowedPattern && { allowedPattern }),
  };
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
function tierOf(
  { Tier: wanted, Value: value }: Put,
  present: Parameter | undefined,
  { policies, standard }: { policies: readonly ParameterPolicy[]; standard: number },
): Tier {
  const isLarge = Buffer.byteLength(value) > valueBytesMax.Standard;
  if (wanted === 'Standard' && present?.tier === 'Advanced')
    throw errors.validationException(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  if (wanted === 'Advanced' || present?.tier === 'Advanced') return 'Advanced';
  if (wanted === 'Intelligent-Tiering')
    return isLarge || policies.length > 0 || (!present && standard >= parametersMax.Standard) ? 'Advanced' : 'Standard';
  if (policies.length > 0)
    throw errors.validationException(
      'Parameter policies are supported for advanced parameters alone: use the advanced-parameter or the intelligent tier.',
    );
  return 'Standard';
}

function checkForm(input: Put): void {
  const { Value, Type, Tier, DataType, Description, AllowedPattern, KeyId, Tags, Overwrite } = input;
  if (Value === '') throw errors.unsatisfied(Value, 'value', 'Member must have length greater than or equal to 1.');
  const enumerated = (value: string, at: string, all: readonly string[]): void => {
    if (!all.includes(value)) throw errors.unsatisfied(value, at, `Member must satisfy enum value set: [${all.join(', ')}]`);
  };
  if (Type !== undefined) enumerated(Type, 'type', ['SecureString', 'StringList', 'String']);
  if (Tier !== undefined) enumerated(Tier, 'tier', ['Standard', 'Intelligent-Tiering', 'Advanced']);
  if (DataType === 'aws:ssm:integration') throw notImplemented('ssm:PutParameter with the data type aws:ssm:integration');
  if (DataType !== undefined && DataType !== 'text' && DataType !== 'aws:ec2:image')
    throw errors.validationException(
      `The following data type is not supported: ${DataType} (Data type names are all lowercase). Make sure you are using a valid data type.`,
    );
  const shorter = (value: string | undefined, at: string, max: number): void => {
    if (value !== undefined && value.length > max)
      throw errors.unsatisfied(value, at, `Member must have length less than or equal to ${max}`);
  };
  shorter(Description, 'description', descriptionCharactersMax);
  shorter(AllowedPattern, 'allowedPattern', allowedPatternCharactersMax);
  if (KeyId !== undefined && !/^[\w:/-]{1,256}$/.test(KeyId))
    throw errors.unsatisfied(KeyId, 'keyId', 'Member must satisfy regular expression pattern: ^([a-zA-Z0-9:/_-]+)$');
  if (Tags?.length && Overwrite)
    throw errors.validationException(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
}

async function checkValue(request: ServiceRequest, value: string, { tier, allowedPattern, dataType }: Next): Promise<void> {
  if (/\{\{.*\}\}/s.test(value))
    throw errors.validationException('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  if (Buffer.byteLength(value) > valueBytesMax[tier])
    throw errors.validationException(
      tier === 'Standard'
        ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'
        : 'Advanced tier parameters support a maximum parameter value of 8192 characters.',
    );
  if (allowedPattern !== undefined && !matches(allowedPattern, value)) throw errors.patternMismatch(allowedPattern);
  if (dataType === 'aws:ec2:image') await requireImage(request, value);
}

/** By an engine whose time grows with the text alone, whatever the pattern. */
function matches(pattern: string, value: string): boolean {
  try {
    return RE2JS.compile(pattern).matcher(value).find();
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw errors.invalidAllowedPattern(pattern);
    throw error;
  }
}

/** Asked as the caller, who must be allowed ec2:DescribeImages. AWS asks after its answer, and then makes no parameter. */
async function requireImage({ aws }: ServiceRequest, id: string): Promise<void> {
  const lost = errors.validationException(`The value ${id} of the data type aws:ec2:image is no image that is available to the account.`);
  if (!/^ami-[0-9a-f]{8,17}$/.test(id)) throw lost;
  try {
    const { Images: [image] = [] } = await aws.ec2('DescribeImages', { ImageIds: [id] });
    if (image?.State !== 'available') throw lost;
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith('InvalidAMIID')) throw lost;
    throw error;
  }
}

/** Throws ParameterLimitExceeded. */
async function count(tx: WriteTransaction, { account, region, tier }: Parameter, from: Tier | undefined): Promise<void> {
  if (from === tier) return;
  await changeCount(tx, { account, region }, tier, 1);
  if (from) await changeCount(tx, { account, region }, from, -1);
  if ((await parameterCounts.get(tx, account, region, tier))!.count > parametersMax[tier]) throw errors.parameterLimitExceeded();
}

export async function changeCount(
  tx: WriteTransaction,
  { account, region }: { account: string; region: string },
  tier: Tier,
  by: number,
): Promise<void> {
  const present = (await parameterCounts.get(tx, account, region, tier))?.count ?? 0;
  await parameterCounts.put(tx, { account, region, tier, count: present + by });
}

/** Throws ParameterMaxVersionLimitExceeded where it has a label. */
async function dropVersion(tx: WriteTransaction, { account, region, name }: Parameter, version: number): Promise<void> {
  const all = await labels.scan(tx, [account, region, name]);
  if (all.some(({ row }) => row.version === version)) throw errors.oldestVersionIsLabelled(name, version);
  await parameterVersions.delete(tx, account, region, name, version);
}
