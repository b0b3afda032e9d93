/** What a launch says about an instance itself, checked, and with AWS's defaults. */

import type { OperationName } from '../../../framework/operation.ts';
import { invalidParameterValue, notBuilt } from '../errors.ts';
import type { Ec2, Input } from '../sdk.ts';
import type { Instance, MetadataOptions } from './instance.ts';
import { userDataBytesMax } from './limits.ts';

type LaunchInput = Input<'RunInstances'>;

export type LaunchSettings = Pick<
  Instance,
  | 'monitored'
  | 'hibernates'
  | 'shutdownBehavior'
  | 'terminationProtection'
  | 'stopProtection'
  | 'ebsOptimized'
  | 'metadata'
  | 'autoRecovery'
>;

const built = new Set<string>([
  ...[
    'BlockDeviceMappings',
    'CapacityReservationSpecification',
    'ClientToken',
    'DisableApiStop',
    'DisableApiTermination',
    'DryRun',
    'EbsOptimized',
    'HibernationOptions',
    'IamInstanceProfile',
  ],
  ...[
    'ImageId',
    'InstanceInitiatedShutdownBehavior',
    'InstanceMarketOptions',
    'InstanceType',
    'Ipv6AddressCount',
    'Ipv6Addresses',
    'KeyName',
    'MaintenanceOptions',
    'MaxCount',
    'MetadataOptions',
    'MinCount',
    'Monitoring',
  ],
  ...[
    'NetworkInterfaces',
    'Placement',
    'PrivateIpAddress',
    'SecurityGroupIds',
    'SecurityGroups',
    'SubnetId',
    'TagSpecifications',
    'UserData',
  ],
]);

/** Those whose given value says what Haneul does anyway. */
const harmless: Readonly<Record<string, (value: any) => boolean>> = {
  EnclaveOptions: (value) => !value.Enabled,
  CreditSpecification: (value) => ['standard', 'unlimited'].includes(value.CpuCredits),
  PrivateDnsNameOptions: (value) => value.HostnameType === undefined || value.HostnameType === 'ip-name',
};

/** Throws NotImplemented for what is not built, and InvalidParameterValue for user data that AWS would not take. */
export function checkSettings(input: LaunchInput, operation: OperationName<Ec2> = 'RunInstances'): void {
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || built.has(name) || harmless[name]?.(value)) continue;
    throw notBuilt(operation, name);
  }
  const { Placement: placement = {} } = input;
  for (const name of ['HostResourceGroupArn', 'SpreadDomain'] as const) if (placement[name]) throw notBuilt(operation, `Placement.${name}`);
  if (placement.Tenancy && !['default', 'dedicated', 'host'].includes(placement.Tenancy))
    throw invalidParameterValue(`Value (${placement.Tenancy}) for parameter tenancy is invalid.`);
  if (input.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationResourceGroupArn)
    throw notBuilt(operation, 'CapacityReservationResourceGroupArn');
  if (input.UserData) checkUserData(input.UserData);
}

export function checkUserData(text: string): void {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw invalidParameterValue('Invalid BASE64 encoding of user data');
  if (Buffer.from(text, 'base64').length > userDataBytesMax) throw invalidParameterValue('User data is limited to 16384 bytes');
}

/** @param hibernates whether its interruption behavior on the spot market asks for hibernation. */
export function settingsOf(input: LaunchInput, hibernates = false): LaunchSettings {
  const behavior = input.InstanceInitiatedShutdownBehavior ?? 'stop';
  if (behavior !== 'stop' && behavior !== 'terminate')
    throw invalidParameterValue(`Value (${String(behavior)}) for parameter instanceInitiatedShutdownBehavior is invalid.`);
  return {
    monitored: input.Monitoring?.Enabled ?? false,
    shutdownBehavior: behavior,
    terminationProtection: input.DisableApiTermination ?? false,
    stopProtection: input.DisableApiStop ?? false,
    ebsOptimized: input.EbsOptimized ?? false,
    ...autoRecoveryOf(input.MaintenanceOptions?.AutoRecovery ?? 'default'),
    ...((hibernates || input.HibernationOptions?.Configured) && { hibernates: true }),
    metadata: metadataOptions(input.MetadataOptions ?? {}, { tokens: 'optional', hopLimit: 1, endpoint: 'enabled', tags: 'disabled' }),
  };
}

/** Throws InvalidParameterValue for what is neither of AWS's words. */
export function autoRecoveryOf(given: string): Pick<Instance, 'autoRecovery'> {
  if (given !== 'default' && given !== 'disabled') throw invalidParameterValue(`Value (${given}) for parameter autoRecovery is invalid.`);
  return given === 'disabled' ? { autoRecovery: given } : {};
}

const hopLimitMax = 64;

/** What a call changes of what there is. Throws InvalidParameterValue. */
export function metadataOptions(given: NonNullable<LaunchInput['MetadataOptions']>, present: MetadataOptions): MetadataOptions {
  if (given.HttpProtocolIpv6 === 'enabled') throw notBuilt('RunInstances', 'MetadataOptions.HttpProtocolIpv6');
  const hopLimit = given.HttpPutResponseHopLimit ?? present.hopLimit;
  if (!Number.isInteger(hopLimit) || hopLimit < 1 || hopLimit > hopLimitMax)
    throw invalidParameterValue(`The value for HttpPutResponseHopLimit must be between 1 and ${hopLimitMax}`);
  return {
    tokens: given.HttpTokens ?? present.tokens,
    hopLimit,
    endpoint: given.HttpEndpoint ?? present.endpoint,
    tags: given.InstanceMetadataTags ?? present.tags,
  };
}
