/** The protocol vectors that Haneul does not meet to the letter, each with the reason. The tests fail when one of them is met. */

type Exceptions = Readonly<Record<string, string>>;

/** By the vector's id: a client's serialisation that a server reads otherwise. */
export const inputExceptions: Exceptions = {
  ...withReason('nothing of it is on the wire, so nothing is read', [
    'Ec2EmptyQueryLists',
    'QueryEmptyQueryMaps',
    'RestJsonHttpPrefixHeadersAreNotPresent',
    'HttpPrefixHeadersAreNotPresent',
    'RestJsonOmitsEmptyListQueryValues',
    'OmitsEmptyListQueryValues',
    'SDKAppliedContentEncoding_ec2Query',
    'SDKAppliedContentEncoding_awsJson1_0',
    'SDKAppliedContentEncoding_awsJson1_1',
    'SDKAppliedContentEncoding_awsQuery',
    'SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query',
    'SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0',
    'SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1',
    'SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery',
  ]),
  ...withReason('the map takes only the query parameters that no other member has: a client may not repeat them', [
    'RestJsonAllQueryStringTypes',
    'RestJsonQueryStringEscaping',
    'RestJsonSupportsNaNFloatQueryValues',
    'RestJsonSupportsInfinityFloatQueryValues',
    'RestJsonSupportsNegativeInfinityFloatQueryValues',
    'RestJsonZeroAndFalseQueryValues',
    'RestJsonQueryPrecedence',
    'RestXmlQueryPrecedence',
  ]),
  ...withReason('the endpoint has a path of its own, which a client puts before the operation’s', ['RestJsonHostWithPath']),
  ...withReason('{} in the body is an empty structure, and an absent one is sent as that too', [
    'RestJsonHttpWithEmptyStructurePayload',
    'RestJsonHttpWithHeadersButNoPayload',
  ]),
  ...withReason('the member is bound to Content-Encoding, to which the client has added gzip', [
    'SDKAppendedGzipAfterProvidedEncoding_restJson1',
    'SDKAppendedGzipAfterProvidedEncoding_restXml',
    'SDKAppliedContentEncoding_restJson1',
    'SDKAppliedContentEncoding_restXml',
  ]),
};

/** By the vector's id: what a client must tolerate, and a server does not send. */
export const outputExceptions: Exceptions = {
  ...withReason('the same moment is sent in UTC', [
    'Ec2QueryDateTimeWithNegativeOffset',
    'Ec2QueryDateTimeWithPositiveOffset',
    'AwsJson11DateTimeWithNegativeOffset',
    'AwsJson11DateTimeWithPositiveOffset',
    'AwsQueryDateTimeWithNegativeOffset',
    'AwsQueryDateTimeWithPositiveOffset',
    'RestJsonDateTimeWithNegativeOffset',
    'RestJsonDateTimeWithPositiveOffset',
    'RestXmlDateTimeWithNegativeOffset',
    'RestXmlDateTimeWithPositiveOffset',
  ]),
  ...withReason('the vector’s body holds members that no schema has: clients skip them, and Haneul never sends them', [
    'handles_unexpected_json_output',
    'AwsJson10HandlesUnexpectedJsonOutput',
    'AwsJson11DeserializeIgnoreType',
    'AwsJson10DeserializeIgnoreType',
    'RestJsonDeserializeIgnoreType',
    'InvalidGreetingError',
    'RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients',
    'RpcV2CborPayloadWithUnsetUnion',
  ]),
};

function withReason(reason: string, ids: readonly string[]): Exceptions {
  return Object.fromEntries(ids.map((id) => [id, reason]));
}
