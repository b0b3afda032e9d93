/** Response bodies in a form in which two that mean the same are equal. */

import { decodeCbor } from '../../src/protocols/cbor-decode.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { parseXml, type XmlElement } from '../../src/protocols/xml-tree.ts';

/** Opaque bodies stay text. */
export function bodyTree(protocol: Protocol, contentType: string | undefined, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = body.toString('utf8');
  if (protocol === 'rpcv2Cbor') return decodeCbor(body);
  const isXml = protocol === 'restXml' || protocol === 'awsQuery' || protocol === 'ec2Query';
  if (isXml) return text.trimStart().startsWith('<') ? xmlTree(parseXml(body)) : text;
  return contentType?.includes('json') === true || /^\s*[[{]/.test(text) ? (JSON.parse(text) as unknown) : text;
}

/** `[name, attributes, text or children]`, children sorted by name: their order says nothing but within one list. */
function xmlTree(element: XmlElement): unknown {
  const attributes = Object.fromEntries(Object.entries(element.attributes).filter(([name]) => !name.startsWith('xmlns')));
  const children = element.children.filter((child) => !ANSWER_PARTS.has(child.name)).map((child) => [child.name, xmlTree(child)] as const);
  if (children.length === 0) return [attributes, element.children.length > 0 || element.text.trim() === '' ? '' : element.text];
  return [attributes, children.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))];
}

/** What names the answer rather than the output. */
const ANSWER_PARTS = new Set(['RequestId', 'requestId', 'RequestID', 'ResponseMetadata']);
