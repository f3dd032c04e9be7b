// Text from users, stores and nodes made harmless to look at: in a terminal, in XML, in a page. It stays text; what
// would be invisible or would rearrange its surroundings is shown as its code instead.

const loneSurrogate = /\p{Surrogate}/gu;
// Line feed and tab stay. Zero-width joiners (200C, 200D) stay too: whole scripts and emoji need them.
const hidden =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/** Lone surrogates become U+FFFD; controls and direction marks become a picture or `\uXXXX`. */
export function safeText(text: string): string {
  return text.replace(loneSurrogate, '\ufffd').replace(hidden, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Safe text on one line. */
export function safeLine(text: string): string {
  return safeText(text).replace(/\s+/g, ' ').trim();
}

/** At most `limit` characters of it; what is cut off is told by the whole length. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(limit - 1)) ? limit - 1 : limit;
  return `${text.slice(0, end)}… (${countText(text.length)} characters)`;
}

/** `12480` as `12,480`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 operation`, `2 operations`, `3 keys`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : nouns}`;
}
