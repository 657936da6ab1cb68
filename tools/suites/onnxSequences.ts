// ONNX's operators in calls of the public surface: recurrent layers and attention.

import type { Tensor } from "@saccade/core";
import * as s from "@saccade/core";
import { type OnnxNode, type Operators, Unsupported } from "./onnxNode.ts";

// -- recurrent layers ------------------------------------------------------------------------------------------------

/** Rows of (count · H, …) in blocks of H, in another order. */
function reordered(x: Tensor, order: readonly number[]): Tensor {
  const H = x.size(0) / order.length;
  return s.cat(order.map((block) => s.narrow(x, 0, block * H, H)));
}

/** W, R, B and P of each direction as our weights, with gates in our order. */
function weightsOf(n: OnnxNode, order: readonly number[]): Tensor[] {
  const gates = (x: Tensor): Tensor => reordered(x, order);
  const B = n.optional(3);
  const P = n.optional(7);
  return Array.from({ length: n.x(1).size(0) }, (_, d) => {
    const parts = [gates(s.select(n.x(1), 0, d)), gates(s.select(n.x(2), 0, d))];
    const zeros = s.zeros([2 * parts[0].size(0)]);
    const biases = s.chunk(B === null ? zeros : s.select(B, 0, d), 2);
    if (B !== null || P !== null) parts.push(...biases.map(gates));
    if (P !== null) parts.push(reordered(s.select(P, 0, d), [0, 2, 1]));
    return parts;
  }).flat();
}

interface Recurrence {
  readonly output: Tensor;
  readonly hn: Tensor;
  readonly cn?: Tensor;
}
type Run = (x: Tensor, weights: Tensor[], state: (i: number) => Tensor | null, options: object) => Recurrence;

const plain: Readonly<Record<string, string>> = {
  RNN: "Tanh",
  GRU: "Sigmoid,Tanh",
  LSTM: "Sigmoid,Tanh,Tanh",
};

function recurrent(n: OnnxNode, order: readonly number[], run: Run): (Tensor | null)[] {
  const D = n.x(1).size(0);
  const activations = new Set((n.texts("activations") ?? []).join(",").split(","));
  const usual = new Set([...(plain[n.op] as string).split(","), ""]);
  if (n.has("clip") || [...activations].some((name) => !usual.has(name)))
    throw new Unsupported("option: recurrent clip or activations");
  const batchFirst = n.flag("layout");
  const backwards = n.text("direction", "forward") === "reverse";
  const time = batchFirst ? 1 : 0;
  const lengths = n.optional(4);
  if (lengths !== null && backwards) throw new Unsupported("option: recurrent lengths in reverse");
  const turn = (x: Tensor): Tensor => (backwards ? s.flip(x, time) : x);
  // With layout 1 states are (B, D, H).
  const exchanged = (x: Tensor): Tensor => (batchFirst ? s.transpose(x, 0, 1) : x);
  const state = (i: number): Tensor | null => {
    const x = n.optional(i);
    return x === null ? null : exchanged(x);
  };
  const options = { bidirectional: D === 2, batchFirst, lengths };
  const { output, hn, cn } = run(turn(n.x()), weightsOf(n, order), state, options);
  const apart = s.unflatten(turn(output), 2, [D, -1]);
  return [batchFirst ? apart : s.transpose(apart, 1, 2), exchanged(hn), cn ? exchanged(cn) : null];
}

function lstm(n: OnnxNode): (Tensor | null)[] {
  if (n.flag("input_forget")) throw new Unsupported("option: LSTM input_forget");
  return recurrent(n, [0, 2, 3, 1], (x, weights, state, options) => {
    const [h, c] = [state(5), state(6)];
    return s.lstm(x, h === null || c === null ? null : [h, c], weights, options);
  });
}

function gru(n: OnnxNode): (Tensor | null)[] {
  const resetAfter = n.flag("linear_before_reset");
  return recurrent(n, [1, 0, 2], (x, weights, state, options) =>
    s.gru(x, state(5), weights, { ...options, resetAfter }),
  );
}

// -- attention ---------------------------------------------------------------------------------------------------------

/** (B, T, heads · D) as (B, heads, T, D). */
function headsApart(x: Tensor, heads: number): Tensor {
  return x.rank === 4 ? x : s.transpose(s.unflatten(x, 2, [heads, -1]), 1, 2);
}

const headsTogether = (x: Tensor): Tensor => s.flatten(s.transpose(x, 1, 2), 2);

/** What lies behind the end of a mask that is too short takes no part. */
function lengthened(mask: Tensor, S: number): Tensor {
  const missing = S - mask.size(-1);
  return missing > 0 ? s.pad(mask, [0, missing], { value: mask.dtype === "bool" ? false : -Infinity }) : mask;
}

/** True where query t sees key j: the causal bound, the window around it, and the lengths of the sequences of keys. */
function visible(n: OnnxNode, T: number, S: number, past: number): Tensor | null {
  const lengths = n.optional(6);
  const keys = s.arange(0, S);
  const offset =
    lengths === null ? s.full([1, 1, 1], past, { dtype: "i32" }) : s.reshape(s.sub(lengths, T), [-1, 1, 1]);
  const at = s.add(s.unsqueeze(s.arange(0, T), 1), offset);
  const [left, right] = [n.number("left_window_size", -1), n.number("right_window_size", -1)];
  const seen = [
    n.flag("is_causal") ? s.le(keys, at) : null,
    left >= 0 ? s.ge(keys, s.sub(at, left)) : null,
    right >= 0 ? s.le(keys, s.add(at, right)) : null,
    lengths === null ? null : s.lt(keys, s.reshape(lengths, [-1, 1, 1])),
  ].filter((x) => x !== null);
  return seen.length === 0 ? null : s.unsqueeze(seen.reduce(s.logicalAnd), 1);
}

function attention(n: OnnxNode): (Tensor | null)[] {
  const flat = n.x().rank === 3;
  const q = headsApart(n.x(0), n.number("q_num_heads", 1));
  const [k, v] = [1, 2].map((i) => {
    const incoming = headsApart(n.x(i), n.number("kv_num_heads", 1));
    const past = n.optional(i + 3);
    return past === null ? incoming : s.cat([past, incoming], 2);
  });
  const [T, S] = [q.size(2), k.size(2)];
  const given = n.optional(3) && lengthened(n.x(3), S);
  const seen = visible(n, T, S, n.optional(4)?.size(2) ?? 0);
  const allowed = given?.dtype === "bool" && seen !== null ? s.logicalAnd(given, seen) : (seen ?? given);
  const mask = allowed?.dtype === "bool" ? allowed : null;
  const bias = given !== null && given.dtype !== "bool" ? given : null;
  const scale = n.number("scale", 1 / Math.sqrt(q.size(3)));
  const cap = n.number("softcap", 0);
  const softCap = cap > 0 ? cap : null;
  const options = { mask, bias, scale, softCap, enableGqa: true, needWeights: true } as const;
  const { output, weights } = s.scaledDotProductAttention(q, k, v, options);
  const y = flat ? headsTogether(output) : output;
  return [y, k, v, n.wanted > 3 ? scoresOf(n, q, k, { bias, mask, scale, cap, weights }) : null];
}

interface Inside {
  readonly bias: Tensor | null;
  readonly mask: Tensor | null;
  readonly scale: number;
  readonly cap: number;
  readonly weights: Tensor;
}

/** The fourth result: what the scores are at one of four stages. */
function scoresOf(n: OnnxNode, q: Tensor, k: Tensor, { bias, mask, scale, cap, weights }: Inside): Tensor {
  const stage = n.number("qk_matmul_output_mode", 0);
  if (stage === 3) return weights;
  let scores = s.mul(s.attentionScores(q, k), scale);
  if (stage > 0 && cap > 0) scores = s.mul(s.tanh(s.div(scores, cap)), cap);
  if (stage < 2) return scores;
  if (bias !== null) scores = s.add(scores, bias);
  return mask === null ? scores : s.where(mask, scores, -Infinity);
}

function rotary(n: OnnxNode): Tensor {
  const flat = n.x().rank === 3;
  const x = flat ? headsApart(n.x(), n.number("num_heads", 1)) : n.x();
  const caches = [n.x(1), n.x(2)].map((cache) => {
    const positions = n.optional(3);
    return positions === null ? cache : s.index(cache, [positions]);
  });
  const table = s.unsqueeze(s.cat(caches, -1), 1);
  const y = s.rotaryEmbedding(x, { table, interleaved: n.flag("interleaved") });
  return flat ? headsTogether(y) : y;
}

export const sequences: Operators = {
  RNN: (n) => recurrent(n, [0], (x, weights, state, options) => s.rnn(x, state(5), weights, options)),
  GRU: gru,
  LSTM: lstm,
  Attention: attention,
  RotaryEmbedding: rotary,
};
