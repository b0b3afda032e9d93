/** Encryption of what waits in a stream: https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { fault, invalidArgument, notForKinesisSource, refuse, resourceInUse } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { streams, type Encryption, type Stream } from '../tables.ts';
import { nameOf, requireActive } from './lookup.ts';

type Wanted = { KeyARN?: string | undefined; KeyType?: string | undefined };

/** Undefined where none is wanted. Throws InvalidKMSResourceException for a key that cannot be used. */
export async function checkedEncryption(request: ServiceRequest, wanted: Wanted | undefined): Promise<Encryption | undefined> {
  if (!wanted) return undefined;
  const { KeyType: keyType, KeyARN: keyArn } = wanted;
  if (keyType !== 'AWS_OWNED_CMK' && keyType !== 'CUSTOMER_MANAGED_CMK')
    refuse([
      fault(
        'deliveryStreamEncryptionConfigurationInput.keyType',
        keyType ?? null,
        'satisfy enum value set: [CUSTOMER_MANAGED_CMK, AWS_OWNED_CMK]',
      ),
    ]);
  if (keyType === 'AWS_OWNED_CMK') {
    if (keyArn !== undefined) throw invalidArgument('KeyARN must not be specified when KeyType is AWS_OWNED_CMK.');
    return { keyType };
  }
  if (keyArn === undefined) throw invalidArgument('KeyARN must be specified when KeyType is CUSTOMER_MANAGED_CMK.');
  await requireKey(request, keyArn);
  return { keyType: 'CUSTOMER_MANAGED_CMK', keyArn };
}

async function requireKey(request: ServiceRequest, keyArn: string): Promise<void> {
  try {
    const { KeyMetadata } = await request.aws.kms('DescribeKey', { KeyId: keyArn });
    if (KeyMetadata?.KeyState !== 'Enabled') throw new AwsError('DisabledException', `${keyArn} is disabled.`);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    throw new AwsError('InvalidKMSResourceException', error.message, { cause: error });
  }
}

export const StartDeliveryStreamEncryption: Operation<'StartDeliveryStreamEncryption'> = async (request, input) => {
  const encryption = await checkedEncryption(request, input.DeliveryStreamEncryptionConfigurationInput ?? { KeyType: 'AWS_OWNED_CMK' });
  await change(request, input, (stream) => ({ ...stream, encryption: encryption!, encrypting: 'ENABLING' }));
  return {};
};

export const StopDeliveryStreamEncryption: Operation<'StopDeliveryStreamEncryption'> = async (request, input) => {
  await change(request, input, ({ encryption: _, ...stream }) => ({ ...stream, encrypting: 'DISABLING' }));
  return {};
};

async function change(request: ServiceRequest, input: { DeliveryStreamName: string }, changed: (stream: Stream) => Stream): Promise<void> {
  await request.store.write(async (tx) => {
    const stream = await requireActive(tx, nameOf(request, input));
    if (stream.source) throw notForKinesisSource();
    if (stream.encrypting) throw resourceInUse(`Firehose ${stream.name} is already changing its encryption: ${stream.encrypting}.`);
    await streams.put(tx, changed(stream));
  });
}
