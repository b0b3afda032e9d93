/** What a caller may ask of a volume: types, sizes and speeds. https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */

import { invalidParameterCombination, invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import type { VolumeKind, VolumeWish } from '../images/image.ts';

type Limits = {
  gibibytes: readonly [min: number, max: number];
  iops?: readonly [min: number, max: number, perGibibyteMax: number];
  throughput?: readonly [min: number, max: number];
};

const volumeLimits: Readonly<Record<VolumeKind, Limits>> = {
  gp2: { gibibytes: [1, 16_384] },
  gp3: { gibibytes: [1, 65_536], iops: [3000, 80_000, 500], throughput: [125, 2000] },
  io1: { gibibytes: [4, 16_384], iops: [100, 64_000, 50] },
  io2: { gibibytes: [4, 65_536], iops: [100, 256_000, 1000] },
  st1: { gibibytes: [125, 16_384] },
  sc1: { gibibytes: [125, 16_384] },
  standard: { gibibytes: [1, 1024] },
};

export type VolumeInput = {
  DeleteOnTermination?: boolean | undefined;
  Encrypted?: boolean | undefined;
  Iops?: number | undefined;
  KmsKeyId?: string | undefined;
  OutpostArn?: string | undefined;
  AvailabilityZone?: string | undefined;
  AvailabilityZoneId?: string | undefined;
  EbsCardIndex?: number | undefined;
  VolumeInitializationRate?: number | undefined;
  SnapshotId?: string | undefined;
  Throughput?: number | undefined;
  VolumeSize?: number | undefined;
  VolumeType?: string | undefined;
};

const unbuilt = ['OutpostArn', 'AvailabilityZone', 'AvailabilityZoneId', 'EbsCardIndex', 'VolumeInitializationRate'] as const;

/**
 * A volume from what a call says, and from what its image or snapshot gives otherwise.
 * @param from the size of the snapshot, below which the volume may not be, and what an image's mapping says.
 */
export function volumeWish(operation: string, input: VolumeInput, from: Partial<VolumeWish>): VolumeWish {
  for (const name of unbuilt) if (input[name] !== undefined) throw notBuilt(operation, name);
  const type = (input.VolumeType ?? from.type ?? 'gp2') as VolumeKind;
  const gibibytes = input.VolumeSize ?? from.gibibytes;
  if (gibibytes === undefined) throw missingParameter('size');
  if (from.gibibytes !== undefined && gibibytes < from.gibibytes)
    throw invalidParameterValue(`Volume of size ${gibibytes}GB is smaller than snapshot, expect size >= ${from.gibibytes}GB`);
  const sameType = type === from.type;
  // Those of gp2 follow from its size.
  const iops = input.Iops ?? (sameType && type !== 'gp2' ? from.iops : undefined);
  const throughput = input.Throughput ?? (sameType ? from.throughput : undefined);
  const snapshot = input.SnapshotId ?? from.snapshot;
  return {
    ...checkSpeeds(type, gibibytes, iops, throughput),
    ...(snapshot !== undefined && { snapshot }),
    deleteOnTermination: input.DeleteOnTermination ?? from.deleteOnTermination ?? true,
  };
}

/** Throws InvalidParameterValue or InvalidParameterCombination for what the type does not have. */
export function checkSpeeds(type: VolumeKind, gibibytes: number, iops: number | undefined, throughput: number | undefined) {
  const limits = Object.hasOwn(volumeLimits, type) ? volumeLimits[type] : undefined;
  if (!limits) throw invalidParameterValue(`Value (${type}) for parameter volumeType is invalid.`);
  const [min, max] = limits.gibibytes;
  if (!Number.isInteger(gibibytes) || gibibytes < min || gibibytes > max)
    throw invalidParameterValue(`Volume size ${gibibytes} GiB is out of range for ${type}: it must be between ${min} and ${max} GiB`);
  return { type, gibibytes, ...checkIops(type, gibibytes, limits, iops), ...checkThroughput(type, limits, throughput) };
}

function checkIops(type: VolumeKind, gibibytes: number, limits: Limits, iops: number | undefined): { iops?: number } {
  if (!limits.iops) {
    if (iops !== undefined) throw invalidParameterCombination(`The parameter iops is not supported for ${type} volumes.`);
    return type === 'gp2' ? { iops: Math.min(16_000, Math.max(100, 3 * gibibytes)) } : {};
  }
  const [min, max, perGibibyteMax] = limits.iops;
  if (iops === undefined) {
    if (type === 'gp3') return { iops: min };
    throw missingParameter('iops');
  }
  if (iops < min || iops > max)
    throw invalidParameterValue(`Volume iops of ${iops} is not supported for ${type}: it must be between ${min} and ${max}.`);
  if (iops > min && iops > gibibytes * perGibibyteMax)
    throw invalidParameterValue(`Iops to volume size ratio of ${(iops / gibibytes).toFixed(6)} is too high; maximum is ${perGibibyteMax}.`);
  return { iops };
}

function checkThroughput(type: VolumeKind, limits: Limits, throughput: number | undefined): { throughput?: number } {
  if (!limits.throughput) {
    if (throughput !== undefined) throw invalidParameterCombination(`The parameter throughput is not supported for ${type} volumes.`);
    return {};
  }
  const [min, max] = limits.throughput;
  if (throughput === undefined) return { throughput: min };
  if (throughput < min || throughput > max)
    throw invalidParameterValue(`Throughput value of ${throughput} is not supported: it must be between ${min} and ${max}.`);
  return { throughput };
}
