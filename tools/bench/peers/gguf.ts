// GPT-2 of networks.ts as a GGUF file for wllama, its matrices in llama.cpp's q8_0 or q4_0: blocks of 32 weights with a
// half-precision scale. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

import { networkWeights, sizesOf } from "../networks.ts";
import { join } from "../onnx.ts";
import type { Network } from "../tasks.ts";

export type Quantization = "q8_0" | "q4_0";

const BLOCK = 32;
const ALIGNMENT = 32;
/** Numbers of GGUF's tensor and value types. */
const tensorTypes = { f32: 0, q4_0: 2, q8_0: 8 } as const;
const valueTypes = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;

type Bytes = Uint8Array<ArrayBuffer>;
type Value = number | string | { readonly float: number } | readonly string[] | Int32Array;

const encoder = new TextEncoder();

function u32(value: number): Bytes {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function u64(value: number): Bytes {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}

function text(value: string): Bytes {
  const bytes = encoder.encode(value);
  return join([u64(bytes.length), bytes]);
}

function encoded(value: Value): Bytes {
  if (typeof value === "number") return join([u32(valueTypes.u32), u32(value)]);
  if (typeof value === "string") return join([u32(valueTypes.string), text(value)]);
  if ("float" in value)
    return join([u32(valueTypes.f32), new Uint8Array(Float32Array.of(value.float).buffer)]);
  const type = value instanceof Int32Array ? valueTypes.i32 : valueTypes.string;
  const items = value instanceof Int32Array ? [new Uint8Array(value.slice().buffer)] : value.map(text);
  return join([u32(valueTypes.array), u32(type), u64(value.length), ...items]);
}

const largest = (x: Float32Array): number => x.reduce((top, v) => (Math.abs(v) > Math.abs(top) ? v : top), 0);

/** Rows of x in blocks of 34 bytes: scale, 32 signed bytes. */
function q8(x: Float32Array): Bytes {
  const out = new DataView(new ArrayBuffer((x.length / BLOCK) * 34));
  for (let i = 0, at = 0; i < x.length; i += BLOCK, at += 34) {
    const block = x.subarray(i, i + BLOCK);
    const scale = Math.abs(largest(block)) / 127;
    out.setFloat16(at, scale, true);
    for (let j = 0; j < BLOCK; j++) out.setInt8(at + 2 + j, scale === 0 ? 0 : Math.round(block[j] / scale));
  }
  return new Uint8Array(out.buffer);
}

/** Rows of x in blocks of 18 bytes: scale, 16 bytes that hold weight j below weight j + 16; both plus 8. */
function q4(x: Float32Array): Bytes {
  const out = new DataView(new ArrayBuffer((x.length / BLOCK) * 18));
  for (let i = 0, at = 0; i < x.length; i += BLOCK, at += 18) {
    const block = x.subarray(i, i + BLOCK);
    const scale = largest(block) / -8;
    out.setFloat16(at, scale, true);
    const bits = (v: number): number => (scale === 0 ? 8 : Math.min(15, Math.floor(v / scale + 8.5)));
    for (let j = 0; j < 16; j++) out.setUint8(at + 2 + j, bits(block[j]) | (bits(block[j + 16]) << 4));
  }
  return new Uint8Array(out.buffer);
}

/** llama.cpp's names of what torch.nn calls it. */
const names: readonly (readonly [RegExp, string])[] = [
  [/^embedding$/, "token_embd.weight"],
  [/^positions$/, "position_embd.weight"],
  [/^norm\.(.*)$/, "output_norm.$1"],
  [/^encoder\.layers\.(\d+)\.self_attn\.in_proj_(.*)$/, "blk.$1.attn_qkv.$2"],
  [/^encoder\.layers\.(\d+)\.self_attn\.out_proj\.(.*)$/, "blk.$1.attn_output.$2"],
  [/^encoder\.layers\.(\d+)\.norm1\.(.*)$/, "blk.$1.attn_norm.$2"],
  [/^encoder\.layers\.(\d+)\.norm2\.(.*)$/, "blk.$1.ffn_norm.$2"],
  [/^encoder\.layers\.(\d+)\.linear1\.(.*)$/, "blk.$1.ffn_up.$2"],
  [/^encoder\.layers\.(\d+)\.linear2\.(.*)$/, "blk.$1.ffn_down.$2"],
];

function renamed(name: string): string {
  const [pattern, to] = names.find(([known]) => known.test(name)) ?? [];
  if (pattern === undefined || to === undefined) throw new Error(`GGUF has no name for ${name}`);
  return name.replace(pattern, to);
}

/** What stands for token i in a text: letters for the first 26, so that a prompt can be spelled. */
export const tokenText = (i: number): string => (i < 26 ? String.fromCharCode(97 + i) : `t${i};`);

function metadata(task: Network): Record<string, Value> {
  const { width, heads, inner, layers, vocabulary } = sizesOf(task);
  return {
    "general.architecture": "gpt2",
    "general.alignment": ALIGNMENT,
    "general.quantization_version": 2,
    "gpt2.context_length": 256,
    "gpt2.embedding_length": width,
    "gpt2.feed_forward_length": inner,
    "gpt2.block_count": layers,
    "gpt2.attention.head_count": heads,
    "gpt2.attention.layer_norm_epsilon": { float: 1e-5 },
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "gpt-2",
    "tokenizer.ggml.tokens": Array.from({ length: vocabulary }, (_, i) => tokenText(i)),
    "tokenizer.ggml.token_type": new Int32Array(vocabulary).fill(1),
    "tokenizer.ggml.merges": ["t ;"],
    "tokenizer.ggml.bos_token_id": vocabulary - 1,
    "tokenizer.ggml.eos_token_id": vocabulary - 1,
  };
}

/** The whole file. */
export function gguf(task: Network, type: Quantization): Bytes {
  const quantize = type === "q8_0" ? q8 : q4;
  const tensors = [...networkWeights(task)].map(([name, { shape, data }]) => {
    const matrix = shape.length === 2 && name !== "positions";
    const bytes = matrix ? quantize(data) : new Uint8Array(data.buffer);
    return { name: renamed(name), shape, type: matrix ? tensorTypes[type] : tensorTypes.f32, bytes };
  });
  const entries = Object.entries(metadata(task));
  const head = [encoder.encode("GGUF"), u32(3), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) head.push(text(key), encoded(value));
  let at = 0;
  const parts: Bytes[] = [];
  const pad = (length: number): Bytes => new Uint8Array(-length & (ALIGNMENT - 1));
  for (const { name, shape, type: number, bytes } of tensors) {
    const sides = [...shape].reverse();
    head.push(text(name), u32(sides.length), ...sides.map(u64), u32(number), u64(at));
    const padding = pad(bytes.length);
    parts.push(bytes, padding);
    at += bytes.length + padding.length;
  }
  const whole = join(head);
  return join([whole, pad(whole.length), ...parts]);
}
