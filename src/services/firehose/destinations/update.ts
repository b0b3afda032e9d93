/** UpdateDestination: https://docs.aws.amazon.com/firehose/latest/APIReference/API_UpdateDestination.html */

import type { ExtendedS3DestinationConfiguration } from '@aws-sdk/client-firehose';
import type { Authorizer } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import { checkOn, nameOf, requireActive } from '../delivery-streams/lookup.ts';
import { asRole, passRole } from '../delivery-streams/role.ts';
import { destinationId } from '../delivery-streams/stream.ts';
import { concurrentModification, invalidArgument } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { streams, type Destination, type Stream } from '../tables.ts';
import { configurationOf, readDestination } from './s3.ts';

type UpdateInput = Input<'UpdateDestination'>;

export const onUpdate: Authorizer<UpdateInput> = async (request, input) => {
  const role = input.ExtendedS3DestinationUpdate?.RoleARN ?? input.S3DestinationUpdate?.RoleARN;
  const ofSchema = input.ExtendedS3DestinationUpdate?.DataFormatConversionConfiguration?.SchemaConfiguration?.RoleARN;
  const roles = new Set([role, ofSchema].filter((one) => one !== undefined));
  return [...(await checkOn(request, input)), ...[...roles].map(passRole)];
};

const otherDestinations = [
  ...['RedshiftDestinationUpdate', 'ElasticsearchDestinationUpdate', 'AmazonopensearchserviceDestinationUpdate', 'SplunkDestinationUpdate'],
  ...['HttpEndpointDestinationUpdate', 'AmazonOpenSearchServerlessDestinationUpdate', 'SnowflakeDestinationUpdate'],
  'IcebergDestinationUpdate',
];

/** What is not given stays as it was. */
export const UpdateDestination: Operation<'UpdateDestination'> = async (request, input) => {
  for (const name of otherDestinations) if (name in input) throw notImplemented(`firehose:UpdateDestination with ${name}`);
  const name = nameOf(request, input);
  const present = await request.store.read((tx) => requireActive(tx, name));
  check(present, input);
  const destination = updated(present, input);
  if (destination.roleArn !== present.destination.roleArn) await asRole(request, present, destination.roleArn);
  await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    check(stream, input);
    await streams.put(tx, { ...stream, destination, version: stream.version + 1, updated: request.now });
  });
  return {};
};

function check({ version, name, account }: Stream, input: UpdateInput): void {
  if (input.DestinationId !== destinationId)
    throw invalidArgument(`Destination Id ${input.DestinationId} not found for Firehose ${name} under account ${account}.`);
  if (input.CurrentDeliveryStreamVersionId !== String(version))
    throw concurrentModification(
      `Cannot update Firehose: ${name} since the current version id: ${version} and specified version id: ${input.CurrentDeliveryStreamVersionId} do not match`,
    );
}

function updated({ destination }: Stream, input: UpdateInput): Destination {
  const { ExtendedS3DestinationUpdate: extended, S3DestinationUpdate: plain } = input;
  if ((extended === undefined) === (plain === undefined))
    throw invalidArgument('Exactly one destination configuration is supported for a Firehose');
  if (extended?.S3BackupUpdate) throw notImplemented('firehose:UpdateDestination with S3BackupUpdate');
  const merged = { ...configurationOf(destination), ...(extended ?? plain) } as ExtendedS3DestinationConfiguration;
  const next = readDestination('UpdateDestination', merged, { extended: extended !== undefined || destination.extended });
  if ((next.partitioning === undefined) !== (destination.partitioning === undefined))
    throw invalidArgument('Dynamic Partitioning can only be enabled or disabled when a Firehose is created.');
  return next;
}
