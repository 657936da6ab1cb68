// Base64 → bytes, by whatever the runtime has for it. (`atob` goes through a string of bytes and is missing in some
// worklets.)

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

type Decode = (text: string) => Uint8Array<ArrayBuffer>;

interface Runtime {
  readonly Uint8Array: { fromBase64?: Decode };
  /** Node's, where the standard function is too young. */
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
}

/** The bytes of a padded base64 string as our build writes it (no line breaks). */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const runtime = globalThis as unknown as Runtime;
  if (runtime.Uint8Array.fromBase64 !== undefined) return runtime.Uint8Array.fromBase64(text);
  return runtime.Buffer?.from(text, "base64") ?? decodeByHand(text);
}

export function decodeByHand(text: string): Uint8Array<ArrayBuffer> {
  const digits = new Uint8Array(128);
  for (let i = 0; i < 64; i++) digits[ALPHABET.charCodeAt(i)] = i;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  for (let i = 0, at = 0; i < text.length; i++) {
    bits = (bits << 6) | digits[text.charCodeAt(i)];
    if ((i & 3) !== 0) bytes[at++] = bits >> (2 * (3 - (i & 3))); // past the end: ignored
  }
  return bytes;
}
