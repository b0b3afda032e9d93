/** What Haneul knows of a service's wire: the schema of `@aws-sdk/client-*`, compacted by scripts/compile-models and linked here. */

export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'ec2Query' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

export type ServiceModel = {
  /** The folder's name: `route-53`. */
  name: string;
  /** As the SDK and CloudTrail name it: `Route 53`. */
  sdkId: string;
  /** The service's name in a credential scope: `route53`; shared by some (`dynamodb` also serves streams). */
  signingName: string;
  /** `2013-04-01` */
  version: string;
  /** What comes before the dot in X-Amz-Target and in /service/…/operation: `DynamoDB_20120810`. */
  target: string;
  /** `com.amazonaws.sqs`: the prefix of `__type` in JSON errors. */
  namespace: string;
  xmlNamespace: string | undefined;
  /** The protocol of today's SDK first, then all others that a client may speak. */
  protocols: readonly Protocol[];
  /** JSON errors carry the old query code in `x-amzn-query-error`. */
  queryCompatible: boolean;
  operations: ReadonlyMap<string, OperationModel>;
  /** Error shapes by name. */
  errors: ReadonlyMap<string, Struct>;
};

export type OperationModel = {
  name: string;
  input: Struct;
  output: Struct;
  http: { method: string; uri: string; code: number } | undefined;
  /** AWS takes it without a signature (sts:AssumeRoleWithWebIdentity). */
  unsigned: boolean;
  /** The input (output) member that is a byte stream or an event stream, which is not buffered. */
  streamingInput: Member | undefined;
  streamingOutput: Member | undefined;
};

export type Traits = Readonly<Record<string, unknown>>;
export type TimestampFormat = 'default' | 'date-time' | 'http-date' | 'epoch-seconds';

export type Shape =
  | { kind: 'string' | 'number' | 'boolean' | 'document' | 'bigint' | 'bigdecimal'; traits: Traits }
  | { kind: 'blob'; traits: Traits; streaming: boolean }
  | { kind: 'timestamp'; traits: Traits; format: TimestampFormat }
  | { kind: 'list'; name: string; traits: Traits; member: Member }
  | { kind: 'map'; name: string; traits: Traits; key: Member; value: Member }
  | Struct;

export type Struct = {
  kind: 'struct';
  name: string;
  traits: Traits;
  union: boolean;
  error: boolean;
  members: readonly Member[];
  byName: ReadonlyMap<string, Member>;
};

export type Member = {
  name: string;
  required: boolean;
  /** Its own traits over those of its shape. */
  traits: Traits;
  /** Only its own: names on the wire (`xmlName`, `jsonName`, `ec2QueryName`) are never its shape's. */
  ownTraits: Traits;
  /** Linked lazily: shapes may be recursive. */
  readonly shape: Shape;
};
