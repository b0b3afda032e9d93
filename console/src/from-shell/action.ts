/** One call of the API as a form is about to send it, in a shape that can be shown in three languages. */

/** Command-line names of services, where they are not the folder's. */
export type ServiceName =
  | 's3'
  | 'iam'
  | 'sts'
  | 'sqs'
  | 'sns'
  | 'dynamodb'
  | 'kms'
  | 'kinesis'
  | 'ec2'
  | 'cloudtrail'
  | 'ssm'
  | 'cloudwatch-logs'
  | 'cost-explorer'
  | 'budgets'
  | 'firehose'
  | 'glacier'
  | 's3-control'
  | 'application-auto-scaling';

/** A resource as Terraform declares it; values that are `Raw` are written as they are. */
export type TerraformBlock = { type: string; name: string; body: Readonly<Record<string, TerraformValue>> };
export type TerraformValue =
  | string
  | number
  | boolean
  | undefined
  | { raw: string }
  | { json: unknown }
  | readonly TerraformValue[]
  | { readonly [name: string]: TerraformValue };

export type Action = {
  service: ServiceName;
  /** `CreateQueue` */
  operation: string;
  /** A command of the SDK's client: sent as it is. */
  command: { input: object };
  /** What would declare the same; absent where Terraform has no words for it. */
  terraform?: readonly TerraformBlock[];
};
