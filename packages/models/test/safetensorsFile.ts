// A safetensors file taken apart and put together again, to make files that a careful writer would not.

export interface FileTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Tensors in the order of their bytes. */
export function takeApart(file: Uint8Array): Map<string, FileTensor> {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  delete header.__metadata__;
  type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };
  const entries = Object.entries(header as Record<string, Entry>);
  entries.sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  return new Map(
    entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => [name, { dtype, shape, bytes: file.slice(8 + length + begin, 8 + length + end) }],
    ),
  );
}

/** `lie` may change the header before it is written. */
export function putTogether(
  tensors: ReadonlyMap<string, FileTensor>,
  lie: (header: Record<string, Record<string, unknown>>) => void = () => {},
): Uint8Array {
  const header: Record<string, Record<string, unknown>> = {};
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  lie(header);
  return withHeader(
    JSON.stringify(header),
    [...tensors.values()].map(({ bytes }) => bytes),
  );
}

export function withHeader(json: string, parts: readonly Uint8Array[] = []): Uint8Array {
  const text = new TextEncoder().encode(json);
  const total = parts.reduce((sum, part) => sum + part.length, 8 + text.length);
  const file = new Uint8Array(total);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
