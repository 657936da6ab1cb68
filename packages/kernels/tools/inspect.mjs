// Reads the outline of a wasm binary. By hand, because the build also runs where relaxed SIMD does not
// compile.

/** `{ imports: ["module.name"], exports: ["name"], hasData, hasGlobals }` of a module's bytes. */
export function inspectWasm(bytes) {
  const result = { imports: [], exports: [], hasData: false, hasGlobals: false };
  let at = 8; // behind magic and version
  const u32 = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const text = () => {
    const length = u32();
    at += length;
    return new TextDecoder().decode(bytes.subarray(at - length, at));
  };
  while (at < bytes.length) {
    const id = bytes[at++];
    const size = u32();
    const end = at + size;
    if (id === 2) {
      // Only a memory import is understood further; anything else ends the list with its own name, which is
      // an error.
      for (let left = u32(); left > 0; left--) {
        result.imports.push(`${text()}.${text()}`);
        if (bytes[at++] !== 2) break;
        const limits = bytes[at++];
        u32();
        if (limits & 1) u32();
      }
    }
    if (id === 6) result.hasGlobals = true;
    if (id === 7) {
      for (let left = u32(); left > 0; left--) {
        result.exports.push(text());
        at++;
        u32();
      }
    }
    if (id === 11) result.hasData = true;
    at = end;
  }
  return result;
}
