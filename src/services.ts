/** The list of services: one line each, loaded at first request (or at start, when the data directory holds records of theirs). */

import type { ServiceDefinition } from './framework/service.ts';

/** By the folder's name, which is the SDK client's. */
export const services: Readonly<Record<string, () => Promise<ServiceDefinition>>> = {
  'application-auto-scaling': () => import('./services/application-auto-scaling/service.ts').then((module) => module.service),
  budgets: () => import('./services/budgets/service.ts').then((module) => module.service),
  cloudtrail: () => import('./services/cloudtrail/service.ts').then((module) => module.service),
  'cloudwatch-logs': () => import('./services/cloudwatch-logs/service.ts').then((module) => module.service),
  'cost-explorer': () => import('./services/cost-explorer/service.ts').then((module) => module.service),
  'dynamodb-streams': () => import('./services/dynamodb/streams/service.ts').then((module) => module.service),
  dynamodb: () => import('./services/dynamodb/service.ts').then((module) => module.service),
  ebs: () => import('./services/ebs/service.ts').then((module) => module.service),
  'ec2-instance-connect': () => import('./services/ec2-instance-connect/service.ts').then((module) => module.service),
  ec2: () => import('./services/ec2/service.ts').then((module) => module.service),
  firehose: () => import('./services/firehose/service.ts').then((module) => module.service),
  glacier: () => import('./services/glacier/service.ts').then((module) => module.service),
  glue: () => import('./services/glue/service.ts').then((module) => module.service),
  iam: () => import('./services/iam/service.ts').then((module) => module.service),
  kinesis: () => import('./services/kinesis/service.ts').then((module) => module.service),
  kms: () => import('./services/kms/service.ts').then((module) => module.service),
  pricing: () => import('./services/pricing/service.ts').then((module) => module.service),
  rbin: () => import('./services/rbin/service.ts').then((module) => module.service),
  's3-control': () => import('./services/s3-control/service.ts').then((module) => module.service),
  s3: () => import('./services/s3/service.ts').then((module) => module.service),
  s3tables: () => import('./services/s3tables/service.ts').then((module) => module.service),
  savingsplans: () => import('./services/savingsplans/service.ts').then((module) => module.service),
  sns: () => import('./services/sns/service.ts').then((module) => module.service),
  sqs: () => import('./services/sqs/service.ts').then((module) => module.service),
  ssm: () => import('./services/ssm/service.ts').then((module) => module.service),
  sts: () => import('./services/sts/service.ts').then((module) => module.service),
};
