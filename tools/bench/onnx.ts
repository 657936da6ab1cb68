// ONNX models written by hand: the protobuf fields of onnx.proto that a graph of standard nodes needs.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, https://protobuf.dev/programming-guides/encoding

type Bytes = Uint8Array<ArrayBuffer>;

/** Negative numbers are 64-bit two's complement, ten bytes long. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  return [...bytes, Number(rest)];
}

export function join(parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Field `number` holding an integer. */
const integer = (number: number, value: number): Bytes =>
  Uint8Array.from([...varint(number * 8), ...varint(value)]);

/** Field `number` holding bytes, a text or a message. */
function field(number: number, content: string | Uint8Array): Bytes {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return join([Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

const message = (number: number, ...fields: readonly Bytes[]): Bytes => field(number, join(fields));

function float(number: number, value: number): Bytes {
  const bytes = new Uint8Array(5);
  bytes[0] = number * 8 + 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}

const [FLOAT, INT8, INT64] = [1, 3, 7];
const [ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_STRING, ATTRIBUTE_INTS] = [1, 2, 3, 7];

export type Attribute = number | { readonly float: number } | string | readonly number[];

function attribute(name: string, value: Attribute): Bytes {
  if (typeof value === "number")
    return message(5, field(1, name), integer(3, value), integer(20, ATTRIBUTE_INT));
  if (typeof value === "string")
    return message(5, field(1, name), field(4, value), integer(20, ATTRIBUTE_STRING));
  if ("float" in value)
    return message(5, field(1, name), float(2, value.float), integer(20, ATTRIBUTE_FLOAT));
  return message(5, field(1, name), ...value.map((v) => integer(8, v)), integer(20, ATTRIBUTE_INTS));
}

export interface Node {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export interface Values<D = Float32Array<ArrayBuffer>> {
  readonly shape: readonly number[];
  readonly data: D;
}

/** What constants and inputs may hold. */
export type AnyValues = Values<
  Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer> | Int8Array<ArrayBuffer>
>;

/** A name stands for a size that only a run decides. */
export type Sizes = readonly (number | string)[];

export interface Graph {
  readonly nodes: readonly Node[];
  /** Names and sizes of what comes and goes; f32, but for inputs named in `integers`. */
  readonly inputs: Readonly<Record<string, Sizes>>;
  readonly integers?: readonly string[];
  readonly outputs: Readonly<Record<string, Sizes>>;
  readonly constants?: Readonly<Record<string, AnyValues>>;
}

function nodeFields({ op, domain, inputs, outputs, attributes = {} }: Node): Bytes {
  return message(
    1,
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ...(domain === undefined ? [] : [field(7, domain)]),
  );
}

function valueInfo(number: number, name: string, shape: Sizes, type = FLOAT): Bytes {
  const dimensions = shape.map((size) =>
    message(1, typeof size === "string" ? field(2, size) : integer(1, size)),
  );
  return message(number, field(1, name), message(2, message(1, integer(1, type), message(2, ...dimensions))));
}

function typeOf(data: AnyValues["data"]): number {
  if (data instanceof Float32Array) return FLOAT;
  return data instanceof Int8Array ? INT8 : INT64;
}

function initializer(name: string, { shape, data }: AnyValues): Bytes {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(
    5,
    ...shape.map((size) => integer(1, size)),
    integer(2, typeOf(data)),
    field(8, name),
    field(9, raw),
  );
}

/** A ModelProto: IR version 8, opset 17 and the operators of com.microsoft that onnxruntime brings. */
export function model({ nodes, inputs, integers = [], outputs, constants = {} }: Graph): Bytes {
  const graph = message(
    7,
    ...nodes.map(nodeFields),
    field(2, "bench"),
    ...Object.entries(constants).map(([name, values]) => initializer(name, values)),
    ...Object.entries(inputs).map(([name, shape]) =>
      valueInfo(11, name, shape, integers.includes(name) ? INT64 : FLOAT),
    ),
    ...Object.entries(outputs).map(([name, shape]) => valueInfo(12, name, shape)),
  );
  const opset = (domain: string, version: number): Bytes => message(8, field(1, domain), integer(2, version));
  return join([integer(1, 8), graph, opset("", 17), opset("com.microsoft", 1)]);
}
