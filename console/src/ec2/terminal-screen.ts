/** xterm.js on a page whose policy takes no styles from scripts: what it would put into `<style>` becomes a sheet that the page adopts. */

import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import './terminal.css';

export type Screen = { terminal: Terminal; fit(): void; dispose(): void };

const theme = {
  background: '#0f1b2a',
  foreground: '#e6edf5',
  cursor: '#7cc4ff',
  selectionBackground: '#33547c',
  black: '#1d2b3d',
  brightBlack: '#8294aa',
  blue: '#6cb2ff',
  green: '#7fd492',
  red: '#ff8a80',
  yellow: '#f5cf7a',
};

export function openScreen(place: HTMLElement, label: string): Screen {
  const sheets: CSSStyleSheet[] = [];
  const createElement = adopting(sheets);
  Terminal.strings.promptLabel = label;
  const terminal = new Terminal({
    documentOverride: documentWith(createElement),
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: "Menlo, Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono CJK KR', monospace",
    fontSize: 13,
    lineHeight: 1.15,
    scrollback: 5_000,
    screenReaderMode: true,
    theme,
  });
  const fitting = new FitAddon();
  terminal.loadAddon(fitting);
  opened(terminal, place, createElement);
  // Shift and Tab leave the terminal for those who have no mouse; every other key is the shell's.
  terminal.attachCustomKeyEventHandler((event) => !(event.key === 'Tab' && event.shiftKey));
  const fit = (): void => fitting.fit();
  const observer = new ResizeObserver(fit);
  observer.observe(place);
  return {
    terminal,
    fit,
    dispose: () => {
      observer.disconnect();
      terminal.dispose();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => !sheets.includes(sheet));
    },
  };
}

/**
 * Makes elements as the document does, but for styles: a style element is a sheet that the page adopts, a style attribute a declaration.
 * https://www.w3.org/TR/CSP3/#directive-style-src leaves both to scripts.
 */
function adopting(sheets: CSSStyleSheet[]): (tag: string) => HTMLElement {
  return (tag) => {
    const element = Document.prototype.createElement.call(document, tag === 'style' ? 'span' : tag);
    if (tag === 'style') {
      const sheet = new CSSStyleSheet();
      sheets.push(sheet);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      element.hidden = true;
      Object.defineProperty(element, 'textContent', {
        set: (text: string) => {
          sheet.replaceSync(text);
        },
      });
    }
    element.setAttribute = (name, value) => {
      if (name === 'style') element.style.cssText = value;
      else Element.prototype.setAttribute.call(element, name, value);
    };
    return element;
  };
}

function documentWith(createElement: (tag: string) => HTMLElement): Document {
  return new Proxy(document, {
    get: (target, name) => {
      if (name === 'createElement') return createElement;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A part of xterm.js asks the page's own document for its style element, whatever document it was given. */
function opened(terminal: Terminal, place: HTMLElement, createElement: (tag: string) => HTMLElement): void {
  document.createElement = createElement as Document['createElement'];
  try {
    terminal.open(place);
  } finally {
    delete (document as Partial<Document>).createElement;
  }
}
