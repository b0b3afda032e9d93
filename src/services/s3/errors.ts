/** Every error that S3 throws, in AWS's words: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */

import { AwsError } from '../../framework/aws-error.ts';

type Fields = Record<string, unknown>;

function error(status: number, code: string, message: string, fields?: Fields, headers?: Record<string, string>): AwsError {
  return new AwsError(code, message, { status, ...(fields && { fields }), ...(headers && { headers }) });
}

// Buckets

export const noSuchBucket = (bucket: string) => error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
export const invalidBucketName = (bucket: string) =>
  error(400, 'InvalidBucketName', 'The specified bucket is not valid.', { BucketName: bucket });
export const bucketAlreadyExists = (bucket: string) =>
  error(
    409,
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    { BucketName: bucket },
  );
export const bucketAlreadyOwnedByYou = (bucket: string) =>
  error(409, 'BucketAlreadyOwnedByYou', 'Your previous request to create the named bucket succeeded and you already own it.', {
    BucketName: bucket,
  });
export const bucketNotEmpty = (bucket: string, versioned: boolean) =>
  error(
    409,
    'BucketNotEmpty',
    `The bucket you tried to delete is not empty${versioned ? '. You must delete all versions in the bucket.' : ''}`,
    { BucketName: bucket },
  );
export const tooManyBuckets = () => error(400, 'TooManyBuckets', 'You have attempted to create more buckets than allowed');
export const illegalLocationConstraint = (constraint: string) =>
  error(
    400,
    'IllegalLocationConstraintException',
    `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
export const invalidLocationConstraint = (constraint: string) =>
  error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid', { LocationConstraint: constraint });
export const invalidBucketAclWithOwnership = () =>
  error(400, 'InvalidBucketAclWithObjectOwnership', "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
export const invalidBucketAclWithBlockPublicAccess = () =>
  error(400, 'InvalidBucketAclWithBlockPublicAccessError', 'Bucket cannot have public ACLs set with BlockPublicAccess enabled');
export const invalidOwnershipHeader = (value: string) =>
  error(400, 'InvalidArgument', `Invalid x-amz-object-ownership header: ${value}`, { ArgumentName: 'x-amz-object-ownership' });
export const accessControlListNotSupported = () => error(400, 'AccessControlListNotSupported', 'The bucket does not allow ACLs');

const wrongRegion = (signed: string, region: string, headers?: Record<string, string>) =>
  error(
    400,
    'AuthorizationHeaderMalformed',
    `The authorization header is malformed; the region '${signed}' is wrong; expecting '${region}'`,
    { Region: region },
    headers,
  );
/** The request was signed for another region than the bucket's, and the host names no region. */
export const wrongSigningRegion = (signed: string, region: string) => wrongRegion(signed, region, { 'x-amz-bucket-region': region });
/** The request was sent to another region's endpoint. */
export const permanentRedirect = (bucket: string, region: string) =>
  error(
    301,
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
    { 'x-amz-bucket-region': region },
  );

// Metadata tables

export const noMetadataConfiguration = (bucket: string) =>
  error(404, 'MetadataConfigurationNotFound', 'The metadata table configuration does not exist.', { BucketName: bucket });
export const metadataConfigurationExists = () =>
  error(409, 'MetadataConfigurationAlreadyExists', 'The metadata table configuration already exists.');

// Access points

export const noSuchAccessPoint = (name: string) =>
  error(404, 'NoSuchAccessPoint', 'The specified accesspoint does not exist', { AccessPointName: name });
export const invalidAlias = (alias: string) =>
  error(400, 'InvalidAccessPointAliasError', 'The specified access point alias name is not valid.', { AccessPointAlias: alias });
export const accessPointRegion = (signed: string, region: string) => wrongRegion(signed, region);
export const bucketHasAccessPoints = (bucket: string) =>
  error(
    400,
    'BucketHasAccessPointsAttached',
    'The bucket you tried to delete has access points attached. Delete your access points before deleting your bucket.',
    { BucketName: bucket },
  );

/** A sub-resource that was never put; each has its own code and sentence. */
export const noSuchConfiguration = (code: string, message: string, bucket: string) => error(404, code, message, { BucketName: bucket });

export const versioningMissing = () => error(400, 'IllegalVersioningConfigurationException', 'The Versioning element must be specified');
export const mfaRequired = () => accessDenied('Mfa Authentication must be used for this request');

// Lifecycle

export const lifecycleArgument = (message: string) => error(400, 'InvalidArgument', message);
export const lifecycleDate = (date: Date) =>
  invalidArgument("'Date' must be at midnight GMT", 'Date', Number.isNaN(date.getTime()) ? '' : date.toISOString());

export const noSuchIdentified = () => error(404, 'NoSuchConfiguration', 'The specified configuration does not exist.');

// Object Lock

export const bucketWithoutLock = () => error(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
export const objectWithoutLock = () =>
  error(404, 'NoSuchObjectLockConfiguration', 'The specified object does not have a ObjectLock configuration');
export const lockNeedsVersioning = () =>
  error(409, 'InvalidBucketState', "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
export const lockKeepsVersioning = () =>
  error(409, 'InvalidBucketState', 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.');
export const replicationKeepsVersioning = () =>
  error(409, 'InvalidBucketState', 'A replication configuration is present on this bucket, so the versioning state cannot be changed.');
export const lockNeedsDigest = () =>
  invalidRequest('Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters');
export const lockHalf = (missing: string) =>
  error(400, 'InvalidArgument', 'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied', {
    ArgumentName: missing,
  });
export const protectedByLock = () => accessDenied('Access Denied because object protected by object lock.');
export const retainUntilPast = (name: string, date: Date) =>
  invalidArgument('The retain until date must be in the future!', name, date.toISOString());
export const retentionPeriod = (message: string, name: string) => error(400, 'InvalidArgument', message, { ArgumentName: name });
export const bypassNeedsLock = () =>
  error(400, 'InvalidArgument', 'x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.', {
    ArgumentName: 'x-amz-bypass-governance-retention',
  });

/** What a request expects to be the bucket's owner is no account. */
export const noAccountId = (text: string) =>
  error(400, 'InvalidBucketOwnerAWSAccountID', `The value of the expected bucket owner parameter must be an AWS Account ID... [${text}]`);
export const accessDenied = (message = 'Access Denied') => error(403, 'AccessDenied', message);

// Objects

/** With the version id of the delete marker that hides what was there. */
export const noSuchKey = (key: string, marker?: string) =>
  error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }, marker === undefined ? undefined : markerHeaders(marker));
export const noSuchVersion = (key: string, version: string) =>
  error(404, 'NoSuchVersion', 'The specified version does not exist.', { Key: key, VersionId: version });
export const invalidVersionId = (id: string) => invalidArgument('Invalid version id specified', 'versionId', id);
export const invalidStorageClass = (name: string) =>
  error(400, 'InvalidStorageClass', 'The storage class you specified is not valid', { StorageClassRequested: name });
/** What is archived is to be restored first. */
export const invalidObjectState = (storageClass: string, tier: string | undefined, copying: boolean) =>
  error(
    403,
    'InvalidObjectState',
    copying ? "Operation is not valid for the source object's storage class" : "The operation is not valid for the object's storage class",
    { StorageClass: storageClass, ...(tier !== undefined && { AccessTier: tier }) },
  );
export const restoreNotAllowed = (storageClass: string) =>
  error(403, 'InvalidObjectState', "Restore is not allowed for the object's current storage class", { StorageClass: storageClass });
export const restoreInProgress = () => error(409, 'RestoreAlreadyInProgress', 'Object restore is already in progress');
export const keyTooLong = (size: number, max: number) =>
  error(400, 'KeyTooLongError', 'Your key is too long', { Size: size, MaxSizeAllowed: max });
export const userKeyMustBeSpecified = () =>
  error(
    400,
    'UserKeyMustBeSpecified',
    'The bucket POST must contain the specified field name. If it is specified, please check the order of the fields.',
  );
export const entityTooLarge = (proposed: number, max: number) =>
  error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { ProposedSize: proposed, MaxSizeAllowed: max });
export const missingContentLength = () => error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
export const transferEncodingNotSupported = () =>
  error(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented', { Header: 'Transfer-Encoding' });
export const torrentGone = () => error(501, 'NotImplemented', 'BitTorrent is no longer supported.');
export const incompleteBody = () =>
  error(400, 'IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');
export const metadataTooLarge = (size: number, max: number) =>
  error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', { Size: size, MaxSizeAllowed: max });
export const invalidRange = (range: string, size: number) =>
  error(
    416,
    'InvalidRange',
    'The requested range is not satisfiable',
    { RangeRequested: range, ActualObjectSize: size },
    { 'content-range': `bytes */${size}` },
  );
export const invalidPartNumberRange = (requested: number, count: number) =>
  error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable', {
    PartNumberRequested: requested,
    ActualPartCount: count,
  });
export const preconditionFailed = (condition: string) =>
  error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { Condition: condition });
export const conditionalConflict = (key: string, condition: string) =>
  error(409, 'ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation against this resource.', {
    Condition: condition,
    Key: key,
  });
export const notModified = (headers: Record<string, string>) => error(304, 'NotModified', 'Not Modified', undefined, headers);
/** As S3 answers for a lost object of reduced redundancy: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export const objectLost = () => error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
export const serviceUnavailable = () => error(503, 'ServiceUnavailable', 'Service is unable to handle request.');
export const methodNotAllowed = (method: string, resourceType: string) =>
  error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    Method: method,
    ResourceType: resourceType,
  });

/** A delete marker that is asked for by its version id can only be deleted. */
export const markerNotAllowed = (method: string, modified: number, version: string) =>
  error(
    405,
    'MethodNotAllowed',
    'The specified method is not allowed against this resource.',
    { Method: method, ResourceType: 'DeleteMarker' },
    { ...markerHeaders(version), allow: 'DELETE', 'last-modified': new Date(modified).toUTCString() },
  );
const markerHeaders = (version: string) => ({ 'x-amz-delete-marker': 'true', 'x-amz-version-id': version });
export const copySourceIsMarker = () =>
  error(400, 'InvalidRequest', 'The source of a copy request may not specifically refer to a delete marker by version id.');

export const invalidArgument = (message: string, name: string, value: unknown) =>
  error(400, 'InvalidArgument', message, { ArgumentName: name, ArgumentValue: value === undefined ? '' : String(value) });
export const notARegion = (name: string) =>
  error(400, 'InvalidArgument', `Argument value ${name} is not a valid AWS Region`, { ArgumentName: 'bucket-region' });
export const keyIdNotApplicable = () =>
  error(400, 'InvalidArgument', 'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse', {
    ArgumentName: 'ApplyServerSideEncryptionByDefault',
  });
/** AWS does not repeat the token. */
export const badToken = () =>
  error(400, 'InvalidArgument', 'The continuation token provided is incorrect', { ArgumentName: 'continuation-token' });
export const operationAborted = () =>
  error(409, 'OperationAborted', 'A conflicting conditional operation is currently in progress against this resource. Please try again.');
export const invalidRequest = (message: string) => error(400, 'InvalidRequest', message);
export const missingBody = () => error(400, 'MissingRequestBodyError', 'Request Body is empty');
export const malformedXml = () =>
  error(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
export const invalidRedirectLocation = () =>
  error(400, 'InvalidRedirectLocation', "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
export const redirectLocationTooLong = (max: number) =>
  error(400, 'InvalidRedirectLocation', `The length of website redirect location cannot exceed ${max} characters.`);
export const unreachableDestinations = (refused: readonly (readonly [arn: string, why: string])[]) =>
  error(
    400,
    'InvalidArgument',
    'Unable to validate the following destination configurations',
    Object.fromEntries(
      refused.flatMap(([arn, why], i) => [
        [`ArgumentName${i + 1}`, arn],
        [`ArgumentValue${i + 1}`, why],
      ]),
    ),
  );
export const idMismatch = () => error(400, 'IdMismatch', 'Document ID does not match the specified configuration ID.');
export const tooManyConfigurations = () =>
  error(
    400,
    'TooManyConfigurations',
    'You are attempting to create a new configuration but have already reached the 1,000-configuration limit.',
  );
export const invalidTargetBucket = (message: string, bucket: string) =>
  error(400, 'InvalidTargetBucketForLogging', message, { TargetBucket: bucket });
export const crossLocationLogging = (source: string, target: string) =>
  error(403, 'CrossLocationLoggingProhibitted', 'Cross S3 location logging not allowed. ', {
    // us-east-1 is the null of locations.
    ...(source !== 'us-east-1' && { SourceBucketLocation: source }),
    TargetBucketLocation: target,
  });
export const invalidBucketArn = () => error(400, 'InvalidS3DestinationBucket', 'Invalid bucket ARN.');
export const invalidInventoryDestination = (message: string, bucket: string) =>
  error(400, 'InvalidS3DestinationBucket', message, { BucketName: bucket });
export const unexpectedContent = () => error(400, 'UnexpectedContent', 'This request does not support content');
export const missingSecurityHeader = () =>
  error(400, 'MissingSecurityHeader', 'Your request was missing a required header', { MissingHeaderName: 'x-amz-acl' });
export const malformedAcl = () =>
  error(400, 'MalformedACLError', 'The XML you provided was not well-formed or did not validate against our published schema');

// Digests

export const invalidDigest = (value: string) =>
  error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.', { 'Content-MD5': value });
export const badMd5 = (expected: string, calculated: string) =>
  error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    ExpectedDigest: expected,
    CalculatedDigest: calculated,
  });
export const badChecksum = (algorithm: string) =>
  error(400, 'BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
export const badFullObjectChecksum = (algorithm: string) =>
  error(400, 'BadDigest', `The ${algorithm.toLowerCase()} you specified did not match what we received.`);
export const malformedTrailer = () =>
  error(
    400,
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );

// Tagging

export const tagsByControl = () =>
  error(
    400,
    'InvalidRequest',
    'Attribute-based access control is enabled on this bucket: use TagResource and UntagResource to manage its tags.',
  );
export const invalidTag = (message: string, key: string, value?: string) =>
  error(400, 'InvalidTag', message, { TagKey: key, ...(value !== undefined && { TagValue: value }) });
export const badRequest = (message: string) => error(400, 'BadRequest', message);

// Multipart uploads

export const noSuchUpload = (id: string) =>
  error(
    404,
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: id },
  );
export const invalidPart = (id: string, number: number, etag: string) =>
  error(
    400,
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    {
      UploadId: id,
      PartNumber: number,
      ETag: etag,
    },
  );
export const invalidPartOrder = (id: string) =>
  error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.', { UploadId: id });
export const entityTooSmall = (size: number, min: number, number: number, etag: string) =>
  error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: size,
    MinSizeAllowed: min,
    PartNumber: number,
    ETag: etag,
  });

// Annotations

export const noSuchAnnotation = (name: string) =>
  error(404, 'NoSuchAnnotation', 'The specified annotation does not exist on this object.', { AnnotationName: name });
export const annotationNameTooLong = () => error(400, 'AnnotationNameTooLong', 'The annotation name exceeds 512 bytes.');
export const invalidAnnotationName = () => error(400, 'InvalidAnnotationName', 'The annotation name you provided is invalid.');
export const invalidAnnotationPrefix = () => error(400, 'InvalidPrefix', 'The annotation prefix you provided is invalid.');
export const annotationLimitExceeded = () =>
  error(400, 'AnnotationLimitExceeded', 'The request would exceed the maximum number of annotations allowed per object.');
export const annotationNotText = () => error(415, 'UnsupportedMediaType', 'The annotation payload is not valid UTF-8 encoded text.');
export const annotationEmpty = () => invalidRequest('The annotation payload must be between 1 byte and 1 MiB in size.');
export const annotationUnderCustomerKey = () => invalidRequest('Objects encrypted with SSE-C cannot have annotations.');
