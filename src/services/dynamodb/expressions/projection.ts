/** Turns a parsed ProjectionExpression into a function over items. */

import { bindPath, MentionedPaths, reservedFault, reservedWord, type Binding } from './binding.ts';
import type { CompiledProjection, Path } from './contract.ts';
import { pathFault, projector } from './paths.ts';
import type { PathNode } from './syntax.ts';
import { ExpressionFault } from './tokens.ts';

/** What the text alone shows to be wrong. */
export function projectionTextFault(paths: readonly PathNode[]): string | undefined {
  for (const path of paths) {
    const word = reservedWord(path);
    if (word !== undefined) return reservedFault(word);
  }
  return undefined;
}

/** Throws ExpressionFault for a name that was not given and for paths in each other's way. */
export function compileProjection(nodes: readonly PathNode[], binding: Binding): CompiledProjection {
  const paths = nodes.map((node) => bindPath(node, binding));
  const fault = pathFault(paths);
  if (fault !== undefined) throw new ExpressionFault(fault);
  return projectionOf(paths);
}

/** The projection on paths that need no checking. */
export function projectionOf(paths: readonly Path[]): CompiledProjection {
  const mentions = new MentionedPaths();
  for (const path of paths) mentions.add(path);
  return { heads: mentions.heads, nestedHeads: mentions.nestedHeads, paths, project: projector(paths) };
}
