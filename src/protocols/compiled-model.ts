/** The form of models/*.json: what scripts/compile-models writes and link.ts reads. Indices keep it small; nothing here is linked. */

import type { Protocol } from './model.ts';

/** What models/index.json says of each service, so that the gateway can route without loading a model. */
export type ModelSummary = {
  /** The folder's name: `route-53`. */
  readonly name: string;
  /** As the SDK and CloudTrail name it: `Route 53`. */
  readonly sdkId: string;
  /** The service in a credential scope: `route53`. */
  readonly signingName: string;
  /** The first label of the service's host name: `route53`, `api.ecr`. */
  readonly endpointPrefix: string;
  readonly version: string;
  /** What comes before the dot in X-Amz-Target. */
  readonly target: string;
  /** The protocol of today's SDK first. */
  readonly protocols: readonly Protocol[];
};

/**
 * A shape by reference: `null` is the empty structure, 0 … 255 a simple shape or a list or map of one as the SDK's schemas number
 * them, `SHAPE_BASE + n` the n-th entry of the model's shape table.
 */
export type Ref = number | null;
export const SHAPE_BASE = 1000;

/** A bit vector as in the SDK's schemas, or the traits by name; 0 says none. */
export type CompiledTraits = number | Record<string, unknown>;

/** A member's shape, with the member's own traits where it has any. */
export type MemberRef = Ref | [Ref, CompiledTraits];

export type CompiledShape =
  | [kind: 0, name: string, traits: CompiledTraits, of: Ref]
  | [kind: 1, name: string, traits: CompiledTraits, member: MemberRef]
  | [kind: 2, name: string, traits: CompiledTraits, key: MemberRef, value: MemberRef]
  | [kind: 3 | -3 | 4, name: string, traits: CompiledTraits, names: string[], members: MemberRef[], required: number];

export type CompiledModel = ModelSummary & {
  /** `com.amazonaws.sqs`: the prefix of `__type` in JSON errors. */
  namespace: string;
  xmlNamespace: string | null;
  queryCompatible: boolean;
  operations: Record<string, [input: Ref, output: Ref, traits: CompiledTraits]>;
  /** Operations that AWS takes without a signature. */
  unsigned: string[];
  /** Indices of the error structures in the shape table. */
  errors: Ref[];
  shapes: CompiledShape[];
};
