/** The pages of S3. */

import type { ServicePages } from '../shell/services.ts';
import { BucketPage } from './bucket.tsx';
import { Buckets, CreateBucket } from './buckets.tsx';
import { LifecycleRulePage } from './lifecycle-form.tsx';
import { messages as lifecycle } from './messages-lifecycle.ts';
import { messages } from './messages.ts';
import { S3Object } from './object.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [{ path: 'buckets', text: { en: en.buckets, ko: ko.buckets } }],
  routes: [
    { path: 'buckets', page: Buckets },
    { path: 'create', page: CreateBucket, crumb: { en: en.createBucket, ko: ko.createBucket } },
    { path: 'buckets/:bucket', page: BucketPage },
    { path: 'buckets/:bucket/object', page: S3Object, crumb: { en: en.objects, ko: ko.objects } },
    {
      path: 'buckets/:bucket/create-lifecycle-rule',
      page: LifecycleRulePage,
      crumb: { en: lifecycle.en.createRule, ko: lifecycle.ko.createRule },
    },
    {
      path: 'buckets/:bucket/lifecycle-rule',
      page: LifecycleRulePage,
      crumb: { en: lifecycle.en.editRule, ko: lifecycle.ko.editRule },
    },
  ],
};
