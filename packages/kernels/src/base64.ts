// Base64 → bytes. `atob` goes through a string of bytes and is missing in some worklets;
// `Uint8Array.fromBase64` is too young to be everywhere.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

type FromBase64 = (text: string) => Uint8Array<ArrayBuffer>;

/** The bytes of a padded base64 string as our build writes it (no line breaks). */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as { fromBase64?: FromBase64 }).fromBase64;
  return native === undefined ? decodeByHand(text) : native.call(Uint8Array, text);
}

export function decodeByHand(text: string): Uint8Array<ArrayBuffer> {
  const digits = new Uint8Array(128);
  for (let i = 0; i < 64; i++) digits[ALPHABET.charCodeAt(i)] = i;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, at = 0; i < text.length; i += 4) {
    const digit = (k: number) => digits[text.charCodeAt(i + k)];
    const bits = (digit(0) << 18) | (digit(1) << 12) | (digit(2) << 6) | digit(3);
    for (let shift = 16; shift >= 0; shift -= 8) bytes[at++] = bits >> shift; // past the end: ignored
  }
  return bytes;
}
