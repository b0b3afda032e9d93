/** Forms of the query protocols: `A.member.1.B=x` becomes a tree, with limits. */

import { formKeyPartsMax, formMembersMax, formNodesMax } from './limits.ts';
import { WireFault } from './wire-fault.ts';

/** A node of the tree: what `A.member.1` holds, and what hangs below it. */
export type Form = { value: string | undefined; parts: Map<string, Form> | undefined };

/** Parses `application/x-www-form-urlencoded` text, or a query string. Throws WireFault. */
export function parseForm(text: string): Form {
  const root: Form = { value: undefined, parts: undefined };
  const tree: Tree = { root, nodes: 0 };
  let members = 0;
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf('&', at);
    if (end < 0) end = text.length;
    if (end > at) {
      if (++members > formMembersMax) throw new WireFault('limit', `The request has more than ${formMembersMax} parameters`);
      const equals = text.indexOf('=', at);
      const keyEnd = equals < 0 || equals > end ? end : equals;
      // A repeated key: the last one counts, as AWS has it.
      nodeAt(tree, decodeFormText(text.slice(at, keyEnd))).value = keyEnd < end ? decodeFormText(text.slice(keyEnd + 1, end)) : '';
    }
    at = end + 1;
  }
  return root;
}

/** What routes a form: its Action and Version. */
export function formAction(form: Form): { action?: string; version?: string } {
  const action = form.parts?.get('Action')?.value;
  const version = form.parts?.get('Version')?.value;
  return { ...(action !== undefined && { action }), ...(version !== undefined && { version }) };
}

type Tree = { root: Form; nodes: number };

function nodeAt(tree: Tree, key: string): Form {
  let node = tree.root;
  let at = 0;
  for (let depth = 1; ; depth++) {
    if (depth > formKeyPartsMax) throw new WireFault('limit', `A parameter name has more than ${formKeyPartsMax} parts`);
    const dot = key.indexOf('.', at);
    const part = dot < 0 ? key.slice(at) : key.slice(at, dot);
    node.parts ??= new Map();
    let next = node.parts.get(part);
    if (next === undefined) {
      if (++tree.nodes > formNodesMax) throw new WireFault('limit', `The request's parameter names have more than ${formNodesMax} parts`);
      node.parts.set(part, (next = { value: undefined, parts: undefined }));
    }
    node = next;
    if (dot < 0) return node;
    at = dot + 1;
  }
}

/** Percent-decodes one name or value; `+` is a space. */
export function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    throw new WireFault('syntax', 'A parameter is not percent-encoded UTF-8', { cause: error });
  }
}
