/** What Run Command and lists of nodes need: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */

import { arn } from '../../../framework/arn.ts';
import type { Authorizer } from '../../../framework/authorization.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import type { Input, Ssm } from '../sdk.ts';

const anywhere: Authorizer<unknown> = ({ operation }) => [{ action: `ssm:${operation}`, resource: '*' }];

/** The document, and each instance that is named; of tags that stand for instances, any. */
const sends: Authorizer<Input<'SendCommand'>> = ({ account, region }, input) => {
  const action = 'ssm:SendCommand';
  const owner = /^(AWS|Amazon)/.test(input.DocumentName) ? '' : account;
  const named = input.InstanceIds ?? input.Targets?.find(({ Key }) => Key === 'InstanceIds')?.Values ?? ['*'];
  return [
    { action, resource: arn('ssm', region, owner, `document/${input.DocumentName}`) },
    ...named.slice(0, 50).map((id) => ({ action, resource: arn('ec2', region, account, `instance/${id}`) })),
  ];
};

export const commandPermissions: ServiceDefinition<Ssm>['authorize'] = {
  SendCommand: sends,
  CancelCommand: anywhere,
  GetCommandInvocation: anywhere,
  ListCommands: anywhere,
  ListCommandInvocations: anywhere,
  DescribeInstanceInformation: anywhere,
  DescribeSessions: anywhere,
  GetConnectionStatus: ({ account, region, operation }, { Target: target }) => [
    { action: `ssm:${operation}`, resource: arn('ec2', region, account, `instance/${target}`) },
  ],
};
