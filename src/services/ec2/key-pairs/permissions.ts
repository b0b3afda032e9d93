/** What the operations on key pairs ask to be allowed. Their ARNs carry the name. */

import type { Authorizer } from '../../../framework/authorization.ts';
import { resourceTagContext } from '../../../framework/tags.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating } from '../permissions.ts';
import { resourceArn } from '../resource.ts';
import type { Ec2 } from '../sdk.ts';
import { keyPairs, keyPairType } from './key-pair.ts';

const onKeyPair: Authorizer<{ KeyName?: string | undefined; KeyPairId?: string | undefined }> = async (request, input) => {
  const { account, region } = request;
  const row = await request.store.read(async (tx) =>
    input.KeyPairId === undefined
      ? keyPairs.find(tx, 'name', account, region, input.KeyName ?? '')
      : keyPairs.get(tx, account, region, input.KeyPairId),
  );
  const name = row?.name ?? input.KeyName ?? input.KeyPairId ?? '*';
  const context = { 'ec2:Region': region, 'ec2:KeyPairName': name, ...resourceTagContext(row?.tags ?? [], 'ec2') };
  return [{ action: `ec2:${request.operation}`, resource: resourceArn(keyPairType, request, name), context }];
};

export const keyPairPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateKeyPair: creating(keyPairType),
  ImportKeyPair: creating(keyPairType),
  DescribeKeyPairs: anywhere,
  DeleteKeyPair: onKeyPair,
};
