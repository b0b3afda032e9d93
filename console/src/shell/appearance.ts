/** Light or dark, and density: given to Cloudscape whenever the reader chooses. */

import { applyDensity, applyMode, Density, Mode } from '@cloudscape-design/global-styles';
import type { Settings } from './settings.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

export function showAppearance({ mode, density, language }: Settings): void {
  applyMode(mode === 'dark' || (mode === 'system' && dark.matches) ? Mode.Dark : Mode.Light);
  applyDensity(density === 'compact' ? Density.Compact : Density.Comfortable);
  document.documentElement.lang = language;
}

export function onSystemMode(listener: () => void): () => void {
  dark.addEventListener('change', listener);
  return () => dark.removeEventListener('change', listener);
}
