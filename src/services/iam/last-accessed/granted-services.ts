/** Which services a policy lets its holder reach at all. */

import { wildcardMatches } from '../../../framework/policy/wildcards.ts';
import type { EffectivePolicy } from '../policies/effective.ts';

/** The services that access advisor tells apart, by the prefix of their actions. */
const titles: Readonly<Record<string, string>> = {
  'access-analyzer': 'AWS IAM Access Analyzer',
  account: 'AWS Account Management',
  acm: 'AWS Certificate Manager',
  apigateway: 'Amazon API Gateway',
  appmesh: 'AWS App Mesh',
  'application-autoscaling': 'AWS Application Auto Scaling',
  apprunner: 'AWS App Runner',
  appsync: 'AWS AppSync',
  autoscaling: 'Amazon EC2 Auto Scaling',
  batch: 'AWS Batch',
  budgets: 'AWS Budget Service',
  ce: 'AWS Cost Explorer Service',
  cloudformation: 'AWS CloudFormation',
  cloudfront: 'Amazon CloudFront',
  cloudtrail: 'AWS CloudTrail',
  cloudwatch: 'Amazon CloudWatch',
  'cognito-identity': 'Amazon Cognito Identity',
  'cognito-idp': 'Amazon Cognito User Pools',
  datapipeline: 'AWS Data Pipeline',
  directconnect: 'AWS Direct Connect',
  dlm: 'Amazon Data Lifecycle Manager',
  dynamodb: 'Amazon DynamoDB',
  ebs: 'Amazon Elastic Block Store',
  ec2: 'Amazon EC2',
  ecr: 'Amazon Elastic Container Registry',
  ecs: 'Amazon Elastic Container Service',
  eks: 'Amazon Elastic Kubernetes Service',
  elasticache: 'Amazon ElastiCache',
  elasticbeanstalk: 'AWS Elastic Beanstalk',
  elasticfilesystem: 'Amazon Elastic File System',
  elasticloadbalancing: 'AWS Elastic Load Balancing',
  elasticmapreduce: 'Amazon Elastic MapReduce',
  events: 'Amazon EventBridge',
  firehose: 'Amazon Data Firehose',
  glacier: 'Amazon S3 Glacier',
  iam: 'AWS Identity and Access Management',
  kinesis: 'Amazon Kinesis Data Streams',
  kms: 'AWS Key Management Service',
  lambda: 'AWS Lambda',
  lightsail: 'Amazon Lightsail',
  logs: 'Amazon CloudWatch Logs',
  organizations: 'AWS Organizations',
  outposts: 'AWS Outposts',
  pricing: 'AWS Price List',
  rds: 'Amazon RDS',
  redshift: 'Amazon Redshift',
  'redshift-data': 'Amazon Redshift Data API',
  'resource-groups': 'AWS Resource Groups',
  route53: 'Amazon Route 53',
  s3: 'Amazon S3',
  rbin: 'AWS Recycle Bin',
  savingsplans: 'AWS Savings Plans',
  scheduler: 'Amazon EventBridge Scheduler',
  secretsmanager: 'AWS Secrets Manager',
  servicediscovery: 'AWS Cloud Map',
  servicequotas: 'Service Quotas',
  sns: 'Amazon SNS',
  sqs: 'Amazon SQS',
  ssm: 'AWS Systems Manager',
  states: 'AWS Step Functions',
  sts: 'AWS Security Token Service',
  tag: 'Amazon Resource Group Tagging API',
};

export function serviceTitle(service: string): string {
  return Object.hasOwn(titles, service) ? titles[service]! : service;
}

/** The prefixes of all services of which some action is allowed, whatever conditions or denials say, as access advisor counts. */
export function servicesOf(policies: readonly Pick<EffectivePolicy, 'document'>[]): string[] {
  const services = new Set<string>();
  for (const { document } of policies) {
    for (const statement of document.statements) {
      if (statement.effect !== 'Allow') continue;
      for (const action of statement.actions ?? []) addServices(action, services);
      if (statement.notActions)
        for (const service of Object.keys(titles))
          if (!statement.notActions.includes(`${service}:*`) && !statement.notActions.includes('*')) services.add(service);
    }
  }
  return [...services].sort();
}

function addServices(action: string, services: Set<string>): void {
  const prefix = action.split(':')[0]!.toLowerCase();
  if (!/[*?]/.test(prefix)) services.add(prefix);
  else for (const service of Object.keys(titles)) if (wildcardMatches(prefix, service)) services.add(service);
}
