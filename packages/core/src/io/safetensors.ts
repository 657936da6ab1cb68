// The safetensors format: 8 bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, then the bytes.
// Reading follows the reference implementation's rules: offsets without gap or overlap, sizes that agree with shapes.
// https://github.com/huggingface/safetensors
import { SaccadeError } from "@saccade/kernels";
import type { DType } from "../dtype.ts";
import { weightRows } from "../ops/contiguous.ts";
import { numel, type Shape } from "../shape.ts";
import { shown } from "../show.ts";
import { empty, type Tensor } from "../tensor.ts";
import { decode, encode, type FileType, fileTypes, isFileType, tensorType } from "./elements.ts";

/** One tensor of a file: its type there, its shape, and its bytes relative to the end of the header. */
export interface FileEntry {
  readonly name: string;
  readonly dtype: FileType;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface FileHeader {
  readonly entries: readonly FileEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the bytes of the first tensor lie in the file. */
  readonly dataStart: number;
}

export const MAX_HEADER_BYTES = 100_000_000;

/** Length of the header from the first 8 bytes of a file. */
export function headerLength(first: Uint8Array, fileBytes: number, file = "safetensors"): number {
  if (first.length < 8) throw damaged(file, `it has ${first.length} bytes, the header length alone takes 8`);
  const length = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES)
    throw damaged(file, `its header length ${length} is above ${MAX_HEADER_BYTES}`);
  if (8 + length > fileBytes) {
    throw damaged(
      file,
      `its header ends at byte ${8 + length}, but the file has ${fileBytes}: it is truncated`,
    );
  }
  return length;
}

/** Reads and checks a header: the JSON text behind the first 8 bytes. */
export function parseHeader(json: Uint8Array, fileBytes: number, file = "safetensors"): FileHeader {
  const dataStart = 8 + json.length;
  const { __metadata__, ...tensors } = parseJson(json, file);
  const metadata = checkMetadata(__metadata__ ?? {}, file);
  const entries = Object.entries(tensors).map(([name, value]) => checkEntry(name, value, file));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const entry of entries) {
    if (entry.begin !== at)
      throw damaged(file, `"${entry.name}" begins at ${entry.begin}, the bytes before it end at ${at}`);
    at = entry.end;
  }
  if (dataStart + at !== fileBytes) {
    const what = dataStart + at > fileBytes ? "it is truncated" : "there are bytes that belong to no tensor";
    throw damaged(file, `its tensors end at byte ${dataStart + at}, but the file has ${fileBytes}: ${what}`);
  }
  return { entries, metadata, dataStart };
}

function parseJson(json: Uint8Array, file: string): Record<string, unknown> {
  if (json[0] !== 0x7b) throw damaged(file, "its header does not begin with {");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(json);
  } catch {
    throw damaged(file, "its header is not UTF-8");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(file, `its header is not JSON (${(error as Error).message})`);
  }
  checkUniqueNames(text, file);
  return value as Record<string, unknown>;
}

/** JSON.parse lets the last of two equal names win; a file with two of them is damaged. */
function checkUniqueNames(text: string, file: string): void {
  const names = new Set<string>();
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === "{" || c === "[") depth++;
    else if (c === "}" || c === "]") depth--;
    if (c !== '"') continue;
    const begin = i;
    for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
    if (depth !== 1 || !colonFollows(text, i + 1)) continue;
    const name = JSON.parse(text.slice(begin, i + 1)) as string;
    if (names.has(name)) throw damaged(file, `${shown(name)} stands in its header twice`);
    names.add(name);
  }
}

function colonFollows(text: string, at: number): boolean {
  while (" \t\r\n".includes(text[at])) at++;
  return text[at] === ":";
}

function checkMetadata(value: unknown, file: string): Record<string, string> {
  const ok = typeof value === "object" && value !== null && !Array.isArray(value);
  if (ok && Object.values(value).every((text) => typeof text === "string"))
    return value as Record<string, string>;
  throw damaged(file, "its __metadata__ is no object of strings");
}

function checkEntry(name: string, value: unknown, file: string): FileEntry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (!isFileType(dtype)) {
    throw damaged(
      file,
      `"${name}" has the type ${shown(dtype)}; known are ${Object.keys(fileTypes).join(", ")}`,
    );
  }
  if (!isSizes(shape)) throw damaged(file, `"${name}" has the shape ${listed(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[1] < offsets[0]) {
    throw damaged(file, `"${name}" has the offsets ${listed(offsets)}`);
  }
  const wanted = numel(shape) * fileTypes[dtype];
  if (offsets[1] - offsets[0] !== wanted) {
    throw damaged(
      file,
      `"${name}" takes ${wanted} bytes by shape and type, its offsets give ${offsets[1] - offsets[0]}`,
    );
  }
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] };
}

function listed(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.slice(0, 8).map(shown).join(",")}${value.length > 8 ? ",…" : ""}]`
    : shown(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function damaged(file: string, why: string): SaccadeError {
  return new SaccadeError("file", `${file}: not a sound safetensors file: ${why}`);
}

/** The types tensors had in the files they came from, for writing them back as they were. */
const typesInFile = new WeakMap<Tensor, FileType>();

/** An empty tensor for an entry; fill it with `decode`. */
export function emptyFor(entry: FileEntry): Tensor {
  const x = empty(entry.shape, tensorType(entry.dtype));
  typesInFile.set(x, entry.dtype);
  return x;
}

/** All tensors of a file. F16, BF16 and F64 become f32, integers i32 (an error if they do not fit). */
export function loadSafetensors(bytes: Uint8Array, options: { file?: string } = {}): Map<string, Tensor> {
  const file = options.file ?? "safetensors";
  if (!(bytes instanceof Uint8Array)) {
    throw new SaccadeError("argument", `loadSafetensors: takes a Uint8Array, got ${shown(bytes)}`);
  }
  const length = headerLength(bytes, bytes.length, file);
  const header = parseHeader(bytes.subarray(8, 8 + length), bytes.length, file);
  const tensors = new Map<string, Tensor>();
  try {
    for (const entry of header.entries) {
      const x = emptyFor(entry);
      tensors.set(entry.name, x);
      const part = bytes.subarray(header.dataStart + entry.begin, header.dataStart + entry.end);
      decode(x, 0, part, entry.dtype, `${file}: "${entry.name}"`);
    }
  } catch (error) {
    for (const x of tensors.values()) x.dispose();
    throw error;
  }
  return tensors;
}

/** A tensor as it goes into a file. */
export interface FilePart {
  readonly name: string;
  readonly tensor: Tensor;
  readonly dtype: FileType;
  readonly bytes: number;
}

/**
 * What a file of these tensors begins with, and the tensors in the order their bytes follow: wide types first, so that
 * each is aligned to its own size, as readers that map the file need it. `floats` is the type f32 tensors get in it.
 */
export function fileLayout(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
  floats: FileType = "F32",
): { head: Uint8Array; parts: FilePart[] } {
  const named: [string, Tensor][] = tensors instanceof Map ? [...tensors] : Object.entries(tensors);
  const parts = named.map(([name, tensor]) => {
    const own = tensor.dtype === "f32" ? floats : ownTypes[tensor.dtype];
    const dtype = typesInFile.get(tensor) ?? own;
    return { name, tensor, dtype, bytes: tensor.numel * fileTypes[dtype] };
  });
  parts.sort((a, b) => fileTypes[b.dtype] - fileTypes[a.dtype]);
  // Written field by field: an object would sort names that look like numbers and lose "__proto__".
  const fields = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  let at = 0;
  for (const { name, tensor, dtype, bytes } of parts) {
    if (name === "__metadata__" || /\p{Surrogate}/u.test(name)) {
      throw new SaccadeError("argument", `a tensor in a safetensors file cannot be named ${shown(name)}`);
    }
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape: tensor.shape, data_offsets: [at, at + bytes] })}`,
    );
    at += bytes;
  }
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return { head, parts };
}

const ownTypes: Record<Exclude<DType, "f32">, FileType> = { i32: "I32", bool: "BOOL" };

/** The bytes of a tensor's elements in row-major order, in pieces of at most `pieceBytes`. `name` is for errors. */
export function* encodedPieces(
  tensor: Tensor,
  dtype: FileType,
  name = "",
  pieceBytes = 4 << 20,
): Generator<Uint8Array> {
  const dense = weightRows(tensor);
  try {
    const step = Math.max(Math.floor(pieceBytes / fileTypes[dtype]), 1);
    for (let begin = 0; begin < dense.numel; begin += step) {
      yield encode(dense, begin, Math.min(begin + step, dense.numel), dtype, `"${name}"`);
    }
  } finally {
    if (dense !== tensor) dense.dispose();
  }
}

/** The tensors as the bytes of a safetensors file. */
export function saveSafetensors(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const { head, parts } = fileLayout(tensors, metadata);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, head.length);
  const file = new Uint8Array(total);
  file.set(head);
  let at = head.length;
  for (const { name, tensor, dtype } of parts) {
    for (const piece of encodedPieces(tensor, dtype, name)) {
      file.set(piece, at);
      at += piece.length;
    }
  }
  return file;
}
