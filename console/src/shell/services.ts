/** The services that the console has pages for: one line each, loaded when first visited. */

import type { ComponentType } from 'react';
import type { Language } from '../language/catalogue.ts';
import type { Finder } from './finder.ts';

export type Params = Readonly<Record<string, string>>;

export type Route = {
  /** Below the service: `queues/:name`. */
  path: string;
  page: ComponentType<{ params: Params }>;
  /** What the way to here is called; a parameter is called by its value. */
  crumb?: Readonly<Record<Language, string>>;
};

export type NavigationLine = {
  path: string;
  text: Readonly<Record<Language, string>>;
  /** The heading that begins with this line. */
  heading?: Readonly<Record<Language, string>>;
};

export type ServicePages = {
  /** The first is where the service begins. */
  navigation: readonly NavigationLine[];
  routes: readonly Route[];
};

export type ServiceEntry = {
  /** The folder's name, which is the SDK client's. */
  id: string;
  name: string;
  about: Readonly<Record<Language, string>>;
  load(): Promise<ServicePages>;
  /** What of it the search over everything finds; absent where there is nothing of one's own. */
  search?(): Promise<readonly Finder[]>;
};

export const services: readonly ServiceEntry[] = [
  {
    id: 's3',
    name: 'S3',
    about: { en: 'Object storage', ko: '객체 스토리지' },
    load: () => import('../s3/pages.tsx').then(({ pages }) => pages),
    search: () => import('../s3/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'ec2',
    name: 'EC2',
    about: { en: 'Virtual machines and networks', ko: '가상 머신과 네트워크' },
    load: () => import('../ec2/pages.tsx').then(({ pages }) => pages),
    search: () => import('../ec2/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'iam',
    name: 'IAM',
    about: { en: 'Who may do what', ko: '누가 무엇을 할 수 있는지' },
    load: () => import('../iam/pages.tsx').then(({ pages }) => pages),
    search: () => import('../iam/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'sqs',
    name: 'SQS',
    about: { en: 'Message queues', ko: '메시지 대기열' },
    load: () => import('../sqs/pages.tsx').then(({ pages }) => pages),
    search: () => import('../sqs/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'sns',
    name: 'SNS',
    about: { en: 'Topics and subscriptions', ko: '주제와 구독' },
    load: () => import('../sns/pages.tsx').then(({ pages }) => pages),
    search: () => import('../sns/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'dynamodb',
    name: 'DynamoDB',
    about: { en: 'Tables of items', ko: '항목 테이블' },
    load: () => import('../dynamodb/pages.tsx').then(({ pages }) => pages),
    search: () => import('../dynamodb/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'kms',
    name: 'KMS',
    about: { en: 'Encryption keys', ko: '암호화 키' },
    load: () => import('../kms/pages.tsx').then(({ pages }) => pages),
    search: () => import('../kms/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'cloudwatch-logs',
    name: 'CloudWatch Logs',
    about: { en: 'What programs write', ko: '프로그램이 남긴 기록' },
    load: () => import('../cloudwatch-logs/pages.tsx').then(({ pages }) => pages),
    search: () => import('../cloudwatch-logs/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'cloudtrail',
    name: 'CloudTrail',
    about: { en: 'Who did what, and when', ko: '누가 언제 무엇을 했는지' },
    load: () => import('../cloudtrail/pages.tsx').then(({ pages }) => pages),
  },
  {
    id: 'kinesis',
    name: 'Kinesis',
    about: { en: 'Streams of records', ko: '레코드 스트림' },
    load: () => import('../kinesis/pages.tsx').then(({ pages }) => pages),
    search: () => import('../kinesis/search.ts').then(({ finders }) => finders),
  },
  {
    id: 'firehose',
    name: 'Firehose',
    about: { en: 'Records into buckets', ko: '레코드를 버킷으로' },
    load: () => import('../firehose/pages.tsx').then(({ pages }) => pages),
  },
  {
    id: 'ssm',
    name: 'Systems Manager',
    about: { en: 'Parameters that programs read', ko: '프로그램이 읽는 파라미터' },
    load: () => import('../ssm/pages.tsx').then(({ pages }) => pages),
    search: () => import('../ssm/search.ts').then(({ finders }) => finders),
  },
  {
    id: 's3-control',
    name: 'S3 access and batch',
    about: { en: 'Access points and jobs over many objects', ko: '액세스 포인트와 많은 객체의 작업' },
    load: () => import('../s3-control/pages.tsx').then(({ pages }) => pages),
  },
  {
    id: 'glacier',
    name: 'Glacier',
    about: { en: 'Vaults for what is seldom wanted', ko: '거의 찾지 않는 것을 위한 볼트' },
    load: () => import('../glacier/pages.tsx').then(({ pages }) => pages),
  },
  {
    id: 'budgets',
    name: 'Budgets',
    about: { en: 'How much may be spent', ko: '얼마까지 쓸지' },
    load: () => import('../budgets/pages.tsx').then(({ pages }) => pages),
  },
  {
    id: 'cost-explorer',
    name: 'Billing',
    about: { en: 'What it all costs', ko: '사용한 비용' },
    load: () => import('../cost-explorer/pages.tsx').then(({ pages }) => pages),
  },
];

export function serviceOf(id: string | undefined): ServiceEntry | undefined {
  return services.find((service) => service.id === id);
}

/** The route that a place below a service means, with its parameters. */
export function routeOf(pages: ServicePages, segments: readonly string[]): { route: Route; params: Params } | undefined {
  for (const route of pages.routes) {
    const parts = route.path.split('/').filter(Boolean);
    if (parts.length !== segments.length) continue;
    const params: Record<string, string> = {};
    const fits = parts.every((part, at) => {
      if (!part.startsWith(':')) return part === segments[at];
      params[part.slice(1)] = segments[at]!;
      return true;
    });
    if (fits) return { route, params };
  }
  return undefined;
}
