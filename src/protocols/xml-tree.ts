/** XML text as a small tree, tokenised by saxes: no document types, no entities of one's own, with limits. */

import { isUtf8 } from 'node:buffer';
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { xmlAttributesMax, xmlDepthMax, xmlNodesMax } from './limits.ts';
import { WireFault } from './wire-fault.ts';

export type XmlElement = {
  /** Without its namespace prefix. */
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** The text directly in it, of all its pieces. */
  text: string;
};

/** Parses one document and returns its root element. Throws WireFault. */
export function parseXml(body: Buffer): XmlElement {
  if (!isUtf8(body)) throw new WireFault('syntax', 'The XML is not valid UTF-8');
  let root: XmlElement | undefined;
  const open: XmlElement[] = [];
  let nodes = 0;
  let attributesOfTag = 0;
  const parser = new SaxesParser<{ xmlns: false }>();
  parser.on('error', (error) => {
    throw new WireFault('syntax', error.message);
  });
  // Where a document type is, entities may be; AWS takes neither.
  parser.on('doctype', () => {
    throw new WireFault('syntax', 'A document type is not allowed');
  });
  // Counted as they come: a million of them in one tag would be collected first.
  parser.on('attribute', () => {
    if (++attributesOfTag > xmlAttributesMax) throw new WireFault('limit', `An element has more than ${xmlAttributesMax} attributes`);
  });
  parser.on('opentag', (tag: SaxesTagPlain) => {
    const attributes = tag.attributes as Record<string, string>;
    attributesOfTag = 0;
    if (++nodes > xmlNodesMax) throw new WireFault('limit', `The XML has more than ${xmlNodesMax} elements`);
    if (open.length >= xmlDepthMax) throw new WireFault('limit', `The XML is nested deeper than ${xmlDepthMax} levels`);
    const element: XmlElement = { name: localName(tag.name), attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(body.toString('utf8')).close();
  if (root === undefined) throw new WireFault('syntax', 'The XML has no element');
  return root;
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
