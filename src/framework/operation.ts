/** Operations are plain functions, named and typed by the SDK: `(request, input) => output`. */

import type { Readable } from 'node:stream';
import type { ServiceRequest } from './request.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;
type Simplify<T> = { [K in keyof T]: T[K] };

/** A member that the client may give as a stream reaches the server as a Readable. */
type InputMember<V> = IsAny<V> extends true ? V : Readable extends NonNullable<V> ? Readable | Extract<V, undefined> : V;
/** A member that the client reads as a stream may be answered with a stream, bytes or text. */
type OutputMember<V> =
  IsAny<V> extends true
    ? V
    : NonNullable<V> extends { transformToByteArray(): unknown }
      ? Readable | Uint8Array | string | Extract<V, undefined>
      : V;

/** Required members are there (the gateway has checked), so `| undefined` goes. */
export type OperationInput<T> = Simplify<{ [K in keyof T]: InputMember<{} extends Pick<T, K> ? T[K] : Exclude<T[K], undefined>> }>;
export type OperationOutput<T> = Simplify<{ [K in keyof Omit<T, '$metadata'>]: OutputMember<T[K]> }>;

type Commands<Sdk> = {
  [
    K in keyof Sdk as K extends `${infer Name}Command` ? (Sdk[K] extends abstract new (...args: any[]) => any ? Name : never) : never
  ]: Sdk[K];
};
type Instance<C> = C extends abstract new (...args: any[]) => infer I ? I : never;
/** By what commands of every release of the SDK have, not by one release's types. */
type SdkInput<C> = Instance<C> extends { readonly input: infer I } ? I : never;
type SdkOutput<C> = Instance<C> extends { resolveMiddleware(...args: any[]): (...args: any[]) => Promise<{ output: infer O }> } ? O : never;

/** The names of all operations of an SDK client module, for example `'SendMessage' | …`. */
export type OperationName<Sdk> = keyof Commands<Sdk> & string;
export type InputOf<Sdk, Name extends OperationName<Sdk>> = OperationInput<SdkInput<Commands<Sdk>[Name]>>;
export type OutputOf<Sdk, Name extends OperationName<Sdk>> = OperationOutput<SdkOutput<Commands<Sdk>[Name]>>;

export type Handler<Sdk, Name extends OperationName<Sdk>> = (
  request: ServiceRequest,
  input: InputOf<Sdk, Name>,
) => Promise<OutputOf<Sdk, Name>>;
export type Handlers<Sdk> = { [Name in OperationName<Sdk>]?: Handler<Sdk, Name> };

/** How one service calls another: `request.aws.sns('Publish', { … })`. */
export type Caller<Sdk> = <Name extends OperationName<Sdk>>(
  name: Name,
  input: SdkInput<Commands<Sdk>[Name]>,
) => Promise<OutputOf<Sdk, Name>>;
