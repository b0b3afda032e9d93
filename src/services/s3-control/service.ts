/** S3 Control: access points, jobs over many objects, and what concerns S3 in a whole account. What is not listed here answers NotImplemented. */

import { accessPointPolicies, accessPoints } from '../../framework/s3-access/access-points.ts';
import { accountPublicAccessBlocks } from '../../framework/s3-access/public-access-block.ts';
import { defineService } from '../../framework/service.ts';
import { CreateAccessPoint, DeleteAccessPoint, GetAccessPoint, ListAccessPoints } from './access-points/operations.ts';
import { onAccessPoint, onCreateAccessPoint } from './access-points/permissions.ts';
import * as accessPointPolicyOperations from './access-points/policies.ts';
import * as jobOperations from './jobs/operations.ts';
import { onCreateJob, onJob, onPutJobTagging, onUpdateJobPriority } from './jobs/permissions.ts';
import { jobRunner } from './jobs/runner.ts';
import * as jobTaggingOperations from './jobs/tagging.ts';
import { onAccount } from './permissions.ts';
import { DeletePublicAccessBlock, GetPublicAccessBlock, PutPublicAccessBlock } from './public-access-block/operations.ts';
import type { S3Control } from './sdk.ts';
import { jobs, jobTasks } from './tables.ts';
import {
  ListTagsForResource,
  onListTagsForResource,
  onTagResource,
  onUntagResource,
  TagResource,
  UntagResource,
} from './tags/operations.ts';

export const service = defineService<S3Control>({
  name: 's3-control',
  tables: [accountPublicAccessBlocks, accessPoints, accessPointPolicies, jobs, jobTasks],
  operations: {
    ...{ CreateAccessPoint, DeleteAccessPoint, GetAccessPoint, ListAccessPoints },
    ...accessPointPolicyOperations,
    ...jobOperations,
    ...jobTaggingOperations,
    ...{ DeletePublicAccessBlock, GetPublicAccessBlock, PutPublicAccessBlock },
    ...{ ListTagsForResource, TagResource, UntagResource },
  },
  authorize: {
    CreateAccessPoint: onCreateAccessPoint,
    CreateJob: onCreateJob,
    DeleteAccessPoint: onAccessPoint('s3:DeleteAccessPoint'),
    DeleteAccessPointPolicy: onAccessPoint('s3:DeleteAccessPointPolicy'),
    DeleteJobTagging: onJob('s3:DeleteJobTagging'),
    DeletePublicAccessBlock: onAccount('s3:PutAccountPublicAccessBlock'),
    DescribeJob: onJob('s3:DescribeJob'),
    GetAccessPoint: onAccount('s3:GetAccessPoint'),
    GetAccessPointPolicy: onAccessPoint('s3:GetAccessPointPolicy'),
    GetAccessPointPolicyStatus: onAccessPoint('s3:GetAccessPointPolicyStatus'),
    GetJobTagging: onJob('s3:GetJobTagging'),
    GetPublicAccessBlock: onAccount('s3:GetAccountPublicAccessBlock'),
    ListAccessPoints: onAccount('s3:ListAccessPoints'),
    ListJobs: onAccount('s3:ListJobs'),
    ListTagsForResource: onListTagsForResource,
    PutAccessPointPolicy: onAccessPoint('s3:PutAccessPointPolicy'),
    PutJobTagging: onPutJobTagging,
    PutPublicAccessBlock: onAccount('s3:PutAccountPublicAccessBlock'),
    TagResource: onTagResource,
    UntagResource: onUntagResource,
    UpdateJobPriority: onUpdateJobPriority,
    UpdateJobStatus: onJob('s3:UpdateJobStatus'),
  },
  reconcilers: [jobRunner],
});
