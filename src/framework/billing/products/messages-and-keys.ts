/** SQS, SNS, KMS, Parameter Store and CloudWatch Logs. */

import { flat, flatIn, type Price, type Product } from '../price.ts';

const million = 1_000_000;
const billion = 1_000 * million;

/** One allowance for both kinds of queue. */
const freeRequests = [{ units: million, from: 'always', shared: 'sqs-requests' }] as const;

/** https://aws.amazon.com/sqs/pricing/ */
export const sqs: Product = {
  ...{ code: 'AWSQueueService', name: 'Amazon Simple Queue Service', family: 'API Request' },
  prices: [
    {
      ...{ usageType: 'Requests-RBP', unit: 'Requests', about: 'requests to standard queues', free: freeRequests },
      tiers: [['0.0000004', 100 * billion], ['0.0000003', 200 * billion], ['0.00000024']],
    },
    {
      ...{ usageType: 'Requests-FIFO-RBP', unit: 'Requests', about: 'requests to FIFO queues', free: freeRequests },
      tiers: [['0.0000005', 100 * billion], ['0.0000004', 200 * billion], ['0.00000035']],
    },
  ],
};

const delivery = (protocol: string, about: string, dollars: string, free?: number): Price => ({
  ...{ usageType: `DeliveryAttempts-${protocol}`, unit: 'Notifications', about, tiers: flat(dollars) },
  ...(free !== undefined && { free: [{ units: free, from: 'always' }] }),
});

/** https://aws.amazon.com/sns/pricing/ */
export const sns: Product = {
  ...{ code: 'AmazonSNS', name: 'Amazon Simple Notification Service', family: 'API Request' },
  prices: [
    {
      ...{ usageType: 'Requests-Tier1', unit: 'Requests', about: 'requests', tiers: flat('0.0000005') },
      free: [{ units: million, from: 'always' }],
    },
    { usageType: 'F-Request-Tier1', unit: 'Requests', about: 'messages published to FIFO topics', tiers: flat('0.0000003') },
    delivery('HTTP', 'deliveries by HTTP', '0.0000006', 100_000),
    delivery('SMTP', 'deliveries by e-mail', '0.00002', 1_000),
    delivery('APNS', 'mobile push notifications', '0.0000005', million),
    delivery('FIREHOSE', 'deliveries to Firehose', '0.00000019'),
    delivery('SQS', 'deliveries to queues', '0'),
    delivery('LAMBDA', 'deliveries to functions', '0'),
    delivery('SMS', 'attempts to send text messages', '0'),
    { usageType: 'SMS-Messages', unit: 'Messages', about: 'text messages', tiers: flat('0.00645') },
  ],
};

/** https://aws.amazon.com/kms/pricing/ */
export const kms: Product = {
  ...{ code: 'awskms', name: 'AWS Key Management Service', family: 'Encryption Key', prefix: 'name' },
  prices: [
    { usageType: 'KMS-Keys', unit: 'Keys', about: 'customer managed keys', tiers: flat('1'), everywhere: true },
    {
      ...{ usageType: 'KMS-Requests', unit: 'Requests', about: 'requests', tiers: flat('0.000003'), everywhere: true },
      free: [{ units: 20_000, from: 'always' }],
    },
    {
      usageType: 'KMS-Requests-Asymmetric',
      unit: 'Requests',
      about: 'requests to asymmetric keys',
      tiers: flat('0.000015'),
      everywhere: true,
    },
  ],
};

/** https://aws.amazon.com/systems-manager/pricing/ */
export const ssm: Product = {
  ...{ code: 'AWSSystemsManager', name: 'AWS Systems Manager', family: 'AWS Systems Manager' },
  prices: [{ usageType: 'PS-Advanced-Param-Tier1', unit: 'Parameter-Mo', about: 'advanced parameters', tiers: flat('0.05') }],
};

/** https://aws.amazon.com/cloudwatch/pricing/ */
export const cloudwatch: Product = {
  ...{ code: 'AmazonCloudWatch', name: 'AmazonCloudWatch', family: 'Data Payload' },
  prices: [
    {
      ...{ usageType: 'DataProcessing-Bytes', unit: 'GB', about: 'logs ingested', tiers: flat('0.5') },
      elsewhere: flatIn({
        ...{ 'us-west-1': '0.57', 'eu-west-1': '0.57', 'eu-central-1': '0.63', 'ap-northeast-1': '0.76', 'ap-northeast-2': '0.76' },
        ...{ 'ap-southeast-1': '0.7', 'sa-east-1': '0.9' },
      }),
      free: [{ units: 5, from: 'always', shared: 'logs' }],
    },
    {
      ...{ usageType: 'TimedStorage-ByteHrs', unit: 'GB-Mo', about: 'logs kept', tiers: flat('0.03') },
      free: [{ units: 5, from: 'always' }],
    },
  ],
};
