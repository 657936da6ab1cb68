// The memory a module imports, shared or not, is six bytes of its import section: compiled for shared memory
// the kernels come out the same byte for byte but there (they hold no atomics). So each build is embedded once,
// and the form that the engine's memory needs is made when it is loaded.

const IMPORTS = 2;
const MEMORY = 2;
/** Limits of the memory, as the compiler writes them: none, and for a shared one at most 65536 pages. */
const UNSHARED = [0, 0];
const SHARED = [3, 1, 128, 128, 4];

/** Reads the outline of a module; `at` is the place of the next byte. */
class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  u32(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skip(bytes: number): void {
    this.at += bytes;
  }
}

/** Whether a memory's buffer is a SharedArrayBuffer, also where that name is hidden. */
export function isShared(memory: WebAssembly.Memory): boolean {
  return Object.prototype.toString.call(memory.buffer) === "[object SharedArrayBuffer]";
}

/** The kernels for shared memory, to be compiled by the caller: `init({ module, threads })`. */
export function withSharedMemory(kernels: BufferSource): Uint8Array<ArrayBuffer> {
  return withMemory(kernels, true);
}

/** The same module importing a shared memory, or an unshared one. What is no kernel module comes back as given. */
export function withMemory(source: BufferSource, shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  const reader = new Reader(bytes, 8); // behind magic and version
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = reader.u32();
    const size = reader.u32();
    const content = reader.at;
    if (id === IMPORTS) return withImport(bytes, start, content, content + size, shared ? SHARED : UNSHARED);
    reader.skip(size);
  }
  return bytes;
}

/** Rewrites the import section [start, end), which imports one memory and nothing else. */
function withImport(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  content: number,
  end: number,
  limits: readonly number[],
): Uint8Array<ArrayBuffer> {
  const reader = new Reader(bytes, content);
  const count = reader.u32();
  reader.skip(reader.u32()); // module
  reader.skip(reader.u32()); // name
  const kind = bytes[reader.at++];
  const body = [...bytes.subarray(content, reader.at), ...limits];
  if (count !== 1 || kind !== MEMORY || body.length > 127) return bytes;
  const rest = bytes.subarray(end);
  const out = new Uint8Array(start + 2 + body.length + rest.length);
  out.set(bytes.subarray(0, start));
  out.set([IMPORTS, body.length, ...body], start);
  out.set(rest, start + 2 + body.length);
  return out;
}
