/** S3 Control: access points, jobs over many objects, and what concerns S3 in a whole account. What is not listed here answers NotImplemented. */

import { GetDataAccess } from './access-grants/data-access.ts';
import * as grantOperations from './access-grants/grants.ts';
import * as grantsInstanceOperations from './access-grants/instance.ts';
import * as grantsLocationOperations from './access-grants/locations.ts';
import { onAnyonesGrants, onGrants, onInstanceForPrefix } from './access-grants/permissions.ts';
import * as grantsPolicyOperations from './access-grants/policies.ts';
import { accessGrants, grantsInstances, grantsLocations, grantsPolicies } from './access-grants/tables.ts';
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

const { CreateAccessGrantsInstance, DeleteAccessGrantsInstance, GetAccessGrantsInstance } = grantsInstanceOperations;
const { GetAccessGrantsInstanceForPrefix, ListAccessGrantsInstances } = grantsInstanceOperations;
const { CreateAccessGrantsLocation, DeleteAccessGrantsLocation, GetAccessGrantsLocation } = grantsLocationOperations;
const { ListAccessGrantsLocations, UpdateAccessGrantsLocation } = grantsLocationOperations;
const { CreateAccessGrant, DeleteAccessGrant, GetAccessGrant, ListAccessGrants, ListCallerAccessGrants } = grantOperations;

const { DeleteAccessGrantsInstanceResourcePolicy, GetAccessGrantsInstanceResourcePolicy } = grantsPolicyOperations;
const { PutAccessGrantsInstanceResourcePolicy } = grantsPolicyOperations;

const grantsOperations = {
  ...{ DeleteAccessGrantsInstanceResourcePolicy, GetAccessGrantsInstanceResourcePolicy, PutAccessGrantsInstanceResourcePolicy },
  ...{ CreateAccessGrantsInstance, DeleteAccessGrantsInstance, GetAccessGrantsInstance },
  ...{ GetAccessGrantsInstanceForPrefix, ListAccessGrantsInstances },
  ...{ CreateAccessGrantsLocation, DeleteAccessGrantsLocation, GetAccessGrantsLocation },
  ...{ ListAccessGrantsLocations, UpdateAccessGrantsLocation },
  ...{ CreateAccessGrant, DeleteAccessGrant, GetAccessGrant, GetDataAccess, ListAccessGrants, ListCallerAccessGrants },
};

export const service = defineService<S3Control>({
  name: 's3-control',
  tables: [
    accountPublicAccessBlocks,
    accessPoints,
    accessPointPolicies,
    jobs,
    jobTasks,
    grantsInstances,
    grantsPolicies,
    grantsLocations,
    accessGrants,
  ],
  operations: {
    ...grantsOperations,
    ...{ CreateAccessPoint, DeleteAccessPoint, GetAccessPoint, ListAccessPoints },
    ...accessPointPolicyOperations,
    ...jobOperations,
    ...jobTaggingOperations,
    ...{ DeletePublicAccessBlock, GetPublicAccessBlock, PutPublicAccessBlock },
    ...{ ListTagsForResource, TagResource, UntagResource },
  },
  authorize: {
    CreateAccessGrant: onGrants('s3:CreateAccessGrant', 'location'),
    CreateAccessGrantsInstance: onGrants('s3:CreateAccessGrantsInstance'),
    CreateAccessGrantsLocation: onGrants('s3:CreateAccessGrantsLocation'),
    DeleteAccessGrant: onGrants('s3:DeleteAccessGrant', 'grant'),
    DeleteAccessGrantsInstance: onGrants('s3:DeleteAccessGrantsInstance'),
    DeleteAccessGrantsLocation: onGrants('s3:DeleteAccessGrantsLocation', 'location'),
    GetAccessGrant: onGrants('s3:GetAccessGrant', 'grant'),
    GetAccessGrantsInstance: onGrants('s3:GetAccessGrantsInstance'),
    GetAccessGrantsInstanceForPrefix: onInstanceForPrefix,
    GetAccessGrantsInstanceResourcePolicy: onGrants('s3:GetAccessGrantsInstanceResourcePolicy'),
    PutAccessGrantsInstanceResourcePolicy: onGrants('s3:PutAccessGrantsInstanceResourcePolicy'),
    DeleteAccessGrantsInstanceResourcePolicy: onGrants('s3:DeleteAccessGrantsInstanceResourcePolicy'),
    GetAccessGrantsLocation: onGrants('s3:GetAccessGrantsLocation', 'location'),
    GetDataAccess: onAnyonesGrants('s3:GetDataAccess'),
    ListAccessGrants: onAnyonesGrants('s3:ListAccessGrants'),
    ListAccessGrantsInstances: onAccount('s3:ListAccessGrantsInstances'),
    ListAccessGrantsLocations: onAnyonesGrants('s3:ListAccessGrantsLocations'),
    ListCallerAccessGrants: onAnyonesGrants('s3:ListCallerAccessGrants'),
    UpdateAccessGrantsLocation: onGrants('s3:UpdateAccessGrantsLocation', 'location'),
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
