/** An action as a program with the AWS SDK for JavaScript v3. */

import type { Action } from './action.ts';
import { base64 } from './cli.ts';

const clients: Readonly<Record<Action['service'], string>> = {
  s3: 'S3Client',
  iam: 'IAMClient',
  sts: 'STSClient',
  sqs: 'SQSClient',
  sns: 'SNSClient',
  dynamodb: 'DynamoDBClient',
  kms: 'KMSClient',
  kinesis: 'KinesisClient',
  ec2: 'EC2Client',
  cloudtrail: 'CloudTrailClient',
  ssm: 'SSMClient',
  'cloudwatch-logs': 'CloudWatchLogsClient',
  'cost-explorer': 'CostExplorerClient',
  budgets: 'BudgetsClient',
  firehose: 'FirehoseClient',
  glacier: 'GlacierClient',
  's3-control': 'S3ControlClient',
  'application-auto-scaling': 'ApplicationAutoScalingClient',
};

export function sdkOf({ service, operation, command }: Action, endpoint: string, region: string): string {
  const client = clients[service];
  const options = [`endpoint: '${endpoint}'`, `region: '${region}'`, ...(service === 's3' ? ['forcePathStyle: true'] : [])].join(', ');
  const input = written(command.input);
  return [
    ...(input.includes('createReadStream(') ? ["import { createReadStream } from 'node:fs';"] : []),
    `import { ${client}, ${operation}Command } from '@aws-sdk/client-${service}';`,
    '',
    `const client = new ${client}({ ${options} });`,
    `await client.send(new ${operation}Command(${input}));`,
  ].join('\n');
}

/** As JSON, but for what JSON has no words for. */
function written(value: unknown, indent = ''): string {
  if (value instanceof Uint8Array) return `Buffer.from('${base64(value)}', 'base64')`;
  if (value instanceof Blob) return `createReadStream(${JSON.stringify(value instanceof File ? value.name : 'FILE')})`;
  if (value instanceof Date) return `new Date('${value.toISOString()}')`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => written(one, inner))
    : Object.entries(value)
        .filter(([, one]) => one !== undefined)
        .map(([name, one]) => `${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}: ${written(one, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}
