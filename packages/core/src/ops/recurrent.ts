// What rnn, gru and lstm share: checks, and layers and directions over sequences of one length or of many. Inside, the
// batch lies in rows step by step (packedSequences.ts), from one layer to the next; only what comes in and goes out is padded.

import { apply } from "../op.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  fail,
  flagArgument,
  integerArgument,
  optionalTensor,
  optionsArgument,
  rangeArgument,
  rankedTensor,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { to } from "./cast.ts";
import { cat } from "./cat.ts";
import { contiguous } from "./contiguous.ts";
import { dropout } from "./dropout.ts";
import { separate } from "./outputs.ts";
import { lengthsArgument, Sequences } from "./packedSequences.ts";
import { type Cell, type Layer, type LayerAttrs, resultShapes } from "./recurrentLayer.ts";
import { narrow, reshape, squeeze, unsqueeze } from "./views.ts";

export interface RecurrentOptions {
  readonly numLayers?: number;
  readonly bidirectional?: boolean;
  /** Probability of zeroing between layers while `training`. */
  readonly dropout?: number;
  readonly training?: boolean;
  /** x and output are (B, T, …), not (T, B, …). True unless said otherwise. */
  readonly batchFirst?: boolean;
  /** Steps of each sequence of the batch, in any order: what lies behind them has no effect, and output is 0 there. */
  readonly lengths?: Tensor | readonly number[] | null;
}

export interface RecurrentResult {
  readonly output: Tensor;
  readonly hn: Tensor;
  readonly cn: Tensor | null;
}

interface Settings {
  readonly layers: number;
  readonly directions: 1 | 2;
  readonly dropout: number;
  readonly batchFirst: boolean;
}

function settingsOf(op: string, options: RecurrentOptions): Settings {
  const { numLayers = 1, dropout: p = 0 } = options;
  const flag = (name: "bidirectional" | "training" | "batchFirst", otherwise: boolean): boolean =>
    flagArgument(op, name, options[name] ?? otherwise);
  integerArgument(op, "numLayers", numLayers, 1);
  rangeArgument(op, "dropout", p, 0, 1);
  return {
    layers: numLayers,
    directions: flag("bidirectional", false) ? 2 : 1,
    dropout: flag("training", true) ? p : 0,
    batchFirst: flag("batchFirst", true),
  };
}

// -- weights -----------------------------------------------------------------------------------------------------------

interface Sizes {
  readonly H: number;
  readonly P: number;
}

/** The weights of one direction in the order of the op's inputs; null where there is none. */
type Slots = readonly (Tensor | null)[];

/** Sorts the weights of one direction, of which all after the first two are optional, by their shapes. */
function slotsOf(op: string, cell: Cell, where: string, weights: readonly unknown[]): Slots {
  const [ih, hh, ...rest] = weights.map((w, i) => tensorArgument(op, `weight ${i} of ${where}`, w));
  const rows = ih.shape[0];
  const isBias = (w: Tensor | undefined): boolean => w?.rank === 1 && w.shape[0] === rows;
  const [biasIh = null, biasHh = null] = isBias(rest[0]) ? rest.splice(0, 2) : [];
  const hr = rest[0]?.rank === 2 ? (rest.shift() ?? null) : null;
  const peephole = rest.shift() ?? null;
  const extra = cell.hasCellState ? rest[0] : (hr ?? peephole);
  if (extra !== undefined && extra !== null) {
    const more = cell.hasCellState ? ", w_hr or not, and peepholes (3H) or not" : "";
    refuse(op, `the weights of ${where}`, `w_ih, w_hh, b_ih and b_hh or none${more}`, weights, "shape");
  }
  if (biasIh !== null && biasHh === null) {
    fail("argument", `${op}: ${where} has a bias b_ih but no b_hh; give both or neither`);
  }
  return [ih, hh, biasIh, biasHh, hr, peephole];
}

/** The same weights, dense, when their shapes and types are right. */
function checked(
  op: string,
  cell: Cell,
  where: string,
  slots: Slots,
  inputs: number,
  sizes: Sizes | null,
): Slots {
  const [ih, , , , hr] = slots;
  const H = sizes?.H ?? Math.max(Math.floor((ih?.shape[0] ?? 0) / cell.gates), 1);
  const P = sizes?.P ?? Math.max(hr?.shape[0] ?? H, 1);
  const G = cell.gates * H;
  const shapes = [[G, inputs], [G, P], [G], [G], [P, H], [3 * H]];
  return slots.map((w, i) => {
    if (w === null && i >= 2) return null;
    if (w?.dtype === "f32" && sameShape(w.shape, shapes[i])) return contiguous(w);
    const name = ["w_ih", "w_hh", "b_ih", "b_hh", "w_hr", "the peephole"][i];
    return refuse(op, `${name} of ${where}`, `${formatShape(shapes[i])} of f32`, w, "shape");
  });
}

/** What direction `i` of all is called. */
function placeOf(i: number, directions: number): string {
  return `layer ${Math.floor(i / directions)}${i % directions === 1 ? ", reverse" : ""}`;
}

/** Slots of every layer, its directions one behind the other. */
function layersOf(
  op: string,
  cell: Cell,
  weights: readonly Slots[],
  features: number,
  { layers, directions }: Settings,
): { slots: (Tensor | null)[][]; sizes: Sizes } {
  let sizes: Sizes | null = null;
  const slots = Array.from({ length: layers }, () => [] as (Tensor | null)[]);
  for (const [i, given] of weights.entries()) {
    const l = Math.floor(i / directions);
    const inputs: number = l === 0 || sizes === null ? features : directions * sizes.P;
    const found = checked(op, cell, placeOf(i, directions), given, inputs, sizes);
    const hh = found[1] as Tensor;
    sizes ??= { H: hh.shape[0] / cell.gates, P: hh.shape[1] };
    slots[l].push(...found);
  }
  return { slots, sizes: sizes as unknown as Sizes };
}

/** A flat list of weights cut into those of each direction of each layer. */
function directionsOf(
  op: string,
  cell: Cell,
  weights: unknown,
  { layers, directions }: Pick<Settings, "layers" | "directions">,
): Slots[] {
  if (!Array.isArray(weights)) refuse(op, "weights", "an array of Tensors", weights);
  const count = layers * directions;
  const each = weights.length / count;
  if (!Number.isInteger(each) || each < 2) {
    const wanted = `two or more for each of ${layers} layers in ${directions} directions`;
    refuse(op, "the number of weights", wanted, weights.length);
  }
  return Array.from({ length: count }, (_, i) => {
    return slotsOf(op, cell, placeOf(i, directions), weights.slice(i * each, (i + 1) * each));
  });
}

// -- layers ------------------------------------------------------------------------------------------------------------

/** An initial state as (S, B, size), or null. `shape` is what the caller has to give. */
function stateArgument(op: string, name: string, state: unknown, shape: Shape, full: Shape): Tensor | null {
  const given = optionalTensor(op, name, state);
  if (given === null) return null;
  return reshape(to(shapedTensor(op, name, given, shape), "f32"), full);
}

/** All layers over rows; each state is (layers · directions, B, …). */
function runLayers(
  { cell, op }: Layer,
  rows: Tensor,
  states: readonly (Tensor | null)[],
  slots: readonly (readonly (Tensor | null)[])[],
  attrs: LayerAttrs,
  p: number,
): RecurrentResult {
  const last: Tensor[][] = [[], []];
  let x = rows;
  for (const [l, weights] of slots.entries()) {
    const D = attrs.directions;
    const [h0 = null, c0 = null] = states.map((s) => s && narrow(s, 0, l * D, D));
    const flat = apply(op, [x, h0, c0, ...weights], attrs);
    const [output, ...ends] = separate(flat, ...resultShapes(cell, attrs, x.shape[0], weights[1] as Tensor));
    for (const [i, end] of ends.entries()) last[i].push(end);
    x = l < slots.length - 1 ? dropout(output, p) : output;
  }
  const [hn, cn] = last.map((ends) => (ends.length > 1 ? cat(ends) : (ends[0] ?? null)));
  return { output: x, hn: hn as Tensor, cn };
}

const names = ["h0", "c0"];

/** A call of one of the functions: its name, what it runs and on what. */
export interface Call {
  readonly op: string;
  readonly layer: Layer;
  readonly x: Tensor;
  readonly states: readonly (Tensor | null)[];
  /** See LayerAttrs. */
  readonly variant?: boolean;
}

/** Layers and directions over sequences, the functions' common body; to be called in a scope. @internal */
export function recurrent(
  call: Call,
  weights: readonly Tensor[],
  options: RecurrentOptions,
): RecurrentResult {
  const { op, layer } = call;
  const settings = settingsOf(op, optionsArgument(op, options));
  return run(call, directionsOf(op, layer.cell, weights, settings), settings, options.lengths);
}

function run(call: Call, weights: readonly Slots[], settings: Settings, lengths: unknown): RecurrentResult {
  const { op, layer, x, states, variant = false } = call;
  const { directions, batchFirst, dropout: p } = settings;
  tensorArgument(op, "input", x);
  if (x.rank !== 2 && x.rank !== 3)
    refuse(op, "input", `${batchFirst ? "(B, T, I)" : "(T, B, I)"} or (T, I)`, x, "shape");
  const batchAxis = batchFirst ? 0 : 1;
  const batched = x.rank === 3;
  const input = to(batched ? x : unsqueeze(x, batchAxis), "f32");
  const [B, T] = batchFirst ? input.shape : [input.shape[1], input.shape[0]];
  if (T === 0) refuse(op, "input", "of one step or more", x, "shape");
  const { slots, sizes } = layersOf(op, layer.cell, weights, x.size(-1), settings);
  const S = settings.layers * directions;
  const initial = states.map((state, i) => {
    const size = i === 0 ? sizes.P : sizes.H;
    return stateArgument(op, names[i], state, batched ? [S, B, size] : [S, size], [S, B, size]);
  });
  const sequences = new Sequences(B, T, batchFirst, lengthsArgument(op, lengths, B, T));
  const arranged = initial.map((state) => state && sequences.arrange(state));
  const attrs = { sizes: sequences.sizes, directions, variant };
  const result = runLayers(layer, sequences.pack(input), arranged, slots, attrs, p);
  const state = (last: Tensor): Tensor => {
    const restored = sequences.arrange(last, true);
    return batched ? restored : squeeze(restored, 1);
  };
  const output = sequences.unpack(result.output);
  return {
    output: batched ? output : squeeze(output, batchAxis),
    hn: state(result.hn),
    cn: result.cn && state(result.cn),
  };
}

/** One step for x (B, I) or (I): the next states, in the shapes of the given ones. @internal */
export function recurrentStep(
  call: Call,
  weights: readonly (Tensor | null)[],
): { hn: Tensor; cn: Tensor | null } {
  const { op, x, states } = call;
  rankedTensor(op, "input", x, 1, 2);
  const given = states.map((state, i) => {
    const h = optionalTensor(op, names[i], state);
    if (h === null) return null;
    return unsqueeze(rankedTensor(op, names[i], h, x.rank), 0);
  });
  const slots = weights.map((w, i) => optionalTensor(op, `weight ${i}`, w));
  const settings = settingsOf(op, { batchFirst: false });
  const { hn, cn } = run({ ...call, x: unsqueeze(x, 0), states: given }, [slots], settings, null);
  return { hn: squeeze(hn, 0), cn: cn && squeeze(cn, 0) };
}
