/** Text that people chose, so that nothing in it is hidden: what turns the direction of a line or draws nothing is written out. */

/** Marks of direction and whatever a line has no picture for. Line breaks and tabs are drawn as they are, and joiners, which words need. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** `evil` behind a right-to-left override becomes `[U+202E]evil`. */
export function visible(text: string): string {
  return text.replaceAll(hidden, (one) => `[U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
}

/** For JSON, which has words of its own for them. */
export function visibleJson(text: string): string {
  return text.replaceAll(hidden, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
