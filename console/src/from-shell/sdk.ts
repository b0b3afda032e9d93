/** An action as a program with the AWS SDK for JavaScript v3. */

import type { Action } from './action.ts';
import { bytesAsText } from './cli.ts';

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
  return [
    `import { ${client}, ${operation}Command } from '@aws-sdk/client-${service}';`,
    '',
    `const client = new ${client}({ ${options} });`,
    `await client.send(new ${operation}Command(${written(command.input)}));`,
  ].join('\n');
}

function written(input: object): string {
  const text = JSON.stringify(input, bytesAsText, 2);
  return text.replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:');
}
