/** Finds the operation of a captured request as the gateway does, by protocol. */

import { formAction, parseForm } from '../../src/protocols/form.ts';
import type { OperationModel, Protocol, ServiceModel } from '../../src/protocols/model.ts';
import { routeRest } from '../../src/protocols/rest-route.ts';
import type { WireRequest } from '../../src/protocols/wire.ts';

export function routed(
  model: ServiceModel,
  protocol: Protocol,
  wire: WireRequest,
  body: Buffer,
): { operation: OperationModel | undefined; labels: Record<string, string> } {
  switch (protocol) {
    case 'restJson1':
    case 'restXml':
      return routeRest(model, wire) ?? { operation: undefined, labels: {} };
    case 'awsQuery':
    case 'ec2Query':
      return named(model, formAction(parseForm(body.toString())).action);
    case 'rpcv2Cbor':
      return named(model, wire.path.split('/').at(-1));
    default:
      return named(model, wire.headers['x-amz-target']?.split('.').at(-1));
  }
}

function named(model: ServiceModel, name: string | undefined): { operation: OperationModel | undefined; labels: Record<string, string> } {
  return { operation: name === undefined ? undefined : model.operations.get(name), labels: {} };
}
