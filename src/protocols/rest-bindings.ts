/** Where each member of a REST input or output travels: in the path, the query, the headers or the body. */

import type { Member, Struct } from './model.ts';

export type Bindings = {
  labels: Member[];
  query: { member: Member; name: string }[];
  /** A map of all other query parameters. */
  queryMap: Member | undefined;
  /** Names in lower case. */
  headers: { member: Member; name: string }[];
  /** The same by the name of the header, for inputs, and by the name of the member, for outputs: a call holds few of them. */
  headersByName: ReadonlyMap<string, BoundHeader>;
  prefixHeaders: { member: Member; prefix: string } | undefined;
  /** The member that is the body by itself. */
  payload: Member | undefined;
  /** Outputs only: the member that holds the HTTP status. */
  status: Member | undefined;
  /** The members of the body, as a structure; without members where there are none or `payload` is set. */
  body: Struct;
};

export type BoundHeader = {
  member: Member;
  name: string;
  /** Found at the first use: shapes may be recursive. */
  read: ((text: string) => unknown) | undefined;
  write: ((value: unknown) => string) | undefined;
};

const inputs = new WeakMap<Struct, Bindings>();
const outputs = new WeakMap<Struct, Bindings>();

export function inputBindings(struct: Struct): Bindings {
  let bindings = inputs.get(struct);
  if (bindings === undefined) inputs.set(struct, (bindings = bind(struct, true)));
  return bindings;
}

/** Errors are outputs. Labels and query parameters mean nothing here: such members are in the body. */
export function outputBindings(struct: Struct): Bindings {
  let bindings = outputs.get(struct);
  if (bindings === undefined) outputs.set(struct, (bindings = bind(struct, false)));
  return bindings;
}

function bind(struct: Struct, input: boolean): Bindings {
  const body: Member[] = [];
  const bindings: Bindings = {
    labels: [],
    query: [],
    queryMap: undefined,
    headers: [],
    headersByName: new Map(),
    prefixHeaders: undefined,
    payload: undefined,
    status: undefined,
    body: struct,
  };
  for (const member of struct.members) {
    const { traits } = member;
    if (input && traits['httpLabel'] !== undefined) bindings.labels.push(member);
    else if (input && traits['httpQuery'] !== undefined) bindings.query.push({ member, name: traits['httpQuery'] as string });
    else if (input && traits['httpQueryParams'] !== undefined) bindings.queryMap = member;
    else if (traits['httpHeader'] !== undefined) bindings.headers.push({ member, name: (traits['httpHeader'] as string).toLowerCase() });
    else if (traits['httpPrefixHeaders'] !== undefined)
      bindings.prefixHeaders = { member, prefix: (traits['httpPrefixHeaders'] as string).toLowerCase() };
    else if (traits['httpPayload'] !== undefined) bindings.payload = member;
    else if (!input && traits['httpResponseCode'] !== undefined) bindings.status = member;
    else body.push(member);
  }
  bindings.headersByName = new Map(
    bindings.headers.map((bound) => [input ? bound.name : bound.member.name, { ...bound, read: undefined, write: undefined }]),
  );
  // A streaming member is the body, whether or not the schema also says that it is the payload.
  bindings.payload ??= body.find((member) => member.traits['streaming'] !== undefined && member.shape.kind === 'struct');
  const inBody = bindings.payload === undefined ? body : [];
  bindings.body = { ...struct, members: inBody, byName: new Map(inBody.map((member) => [member.name, member])) };
  return bindings;
}
