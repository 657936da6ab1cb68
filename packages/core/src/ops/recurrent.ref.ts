// References of rnn.ts, gru.ts and lstm.ts: a cell at a time, a sequence at a time; and the references of the cells.
import {
  defineRef,
  integers,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefInput,
  type RefTensor,
  type Sample,
} from "../reference.ts";

export type Vector = Float64Array;
/** [h], or [h, c]. */
export type State = readonly Vector[];
type Weights = readonly RefInput[];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** W v + b, of rows from `begin` up to `end`. */
function affine(w: RefInput, v: Vector, bias: RefInput, begin = 0, end = w?.shape[0] ?? 0): Vector {
  const { data } = w as RefTensor;
  const columns = v.length;
  const sums = new Float64Array(end - begin);
  for (let i = begin; i < end; i++) {
    let sum = bias === null ? 0 : bias.data[i];
    for (let k = 0; k < columns; k++) sum += data[i * columns + k] * v[k];
    sums[i - begin] = sum;
  }
  return sums;
}

const plus = (a: Vector, b: Vector): Vector => a.map((x, i) => x + b[i]);

/** One step: weights [w_ih, w_hh, b_ih, b_hh, w_hr, peephole]. */
export type Cell = (x: Vector, state: State, weights: Weights) => State;

export const rnnCell =
  (nonlinearity: "tanh" | "relu"): Cell =>
  (x, [h], [ih, hh, bIh, bHh]) => {
    const sums = plus(affine(ih, x, bIh), affine(hh, h, bHh));
    return [sums.map((a) => (nonlinearity === "tanh" ? Math.tanh(a) : a > 0 || Number.isNaN(a) ? a : 0))];
  };

export const gruCell =
  (resetAfter: boolean): Cell =>
  (x, [h], [ih, hh, bIh, bHh]) => {
    const H = h.length;
    const inputs = affine(ih, x, bIh);
    const hidden = affine(hh, h, bHh, 0, 2 * H);
    const r = h.map((_, i) => sigmoid(inputs[i] + hidden[i]));
    const z = h.map((_, i) => sigmoid(inputs[H + i] + hidden[H + i]));
    const reset = h.map((value, i) => r[i] * value);
    const candidate = affine(hh, resetAfter ? h : reset, bHh, 2 * H, 3 * H);
    return [
      h.map((value, i) => {
        const n = Math.tanh(inputs[2 * H + i] + (resetAfter ? r[i] : 1) * candidate[i]);
        return (1 - z[i]) * n + z[i] * value;
      }),
    ];
  };

export const lstmCell: Cell = (x, [h, c], [ih, hh, bIh, bHh, hr, peephole]) => {
  const H = c.length;
  const sums = plus(affine(ih, x, bIh), affine(hh, h, bHh));
  const seen = (gate: number, i: number): number => peephole?.data[gate * H + i] ?? 0;
  const after = c.map((before, i) => {
    const input = sigmoid(sums[i] + seen(0, i) * before);
    const forget = sigmoid(sums[H + i] + seen(1, i) * before);
    return forget * before + input * Math.tanh(sums[2 * H + i]);
  });
  const raw = after.map((value, i) => sigmoid(sums[3 * H + i] + seen(2, i) * value) * Math.tanh(value));
  return [hr ? affine(hr, raw, null) : raw, after];
};

// -- sequences ---------------------------------------------------------------------------------------------------------

export interface Attrs {
  readonly numLayers: number;
  readonly bidirectional: boolean;
  readonly batchFirst: boolean;
  readonly lengths?: readonly number[];
  readonly bias: boolean;
  readonly projection?: boolean;
  readonly peephole?: boolean;
}

/** The arguments of `recurrent` in the oracle that all three have. */
export const torchArguments = "inputs, numLayers, bidirectional, batchFirst, lengths, bias";

/** Weights [w_ih, w_hh, b_ih, b_hh, w_hr, peephole] of a direction from those that are given. */
function unfold(given: readonly RefInput[], { bias, projection, peephole }: Attrs): Weights {
  const rest = given.slice(2);
  const biases = bias ? rest.splice(0, 2) : [null, null];
  const hr = projection ? rest.splice(0, 1) : [null];
  return [given[0], given[1], ...biases, ...hr, peephole ? rest[0] : null];
}

/** output, hn (and cn) of a network of `cell`s on x, initial `states` and all weights. */
export function recurrent(
  cell: Cell,
  x: RefTensor,
  states: readonly RefInput[],
  weights: readonly RefInput[],
  attrs: Attrs,
): RefTensor[] {
  const { numLayers, bidirectional, batchFirst, lengths } = attrs;
  const batched = x.shape.length === 3;
  const I = x.shape[x.shape.length - 1];
  const [first, second] = batched ? x.shape : batchFirst ? [1, x.shape[0]] : [x.shape[0], 1];
  const [B, T] = batchFirst ? [first, second] : [second, first];
  const row = (b: number, t: number): number => (batchFirst ? b * T + t : t * B + b);
  const D = bidirectional ? 2 : 1;
  const each = weights.length / (numLayers * D);
  const P = weights[1]?.shape[1] ?? 0;
  const sizes = states.length > 1 ? [P, cellSize(weights[0] as RefTensor)] : [P];
  const last = sizes.map((size) => new Float64Array(numLayers * D * B * size));
  const output = new Float64Array(B * T * D * P);
  for (let b = 0; b < B; b++) {
    const length = lengths?.[b] ?? T;
    let sequence = Array.from({ length }, (_, t) => x.data.slice(row(b, t) * I, (row(b, t) + 1) * I));
    for (let layer = 0; layer < numLayers; layer++) {
      const next = sequence.map(() => new Float64Array(D * P));
      for (let d = 0; d < D; d++) {
        const index = layer * D + d;
        const own = unfold(weights.slice(index * each, (index + 1) * each), attrs);
        let state: State = sizes.map((size, i) => {
          const at = (index * B + b) * size;
          return states[i]?.data.slice(at, at + size) ?? new Float64Array(size);
        });
        for (let i = 0; i < length; i++) {
          const t = d === 0 ? i : length - 1 - i;
          state = cell(sequence[t], state, own);
          next[t].set(state[0], d * P);
        }
        for (const [i, values] of state.entries()) last[i].set(values, (index * B + b) * sizes[i]);
      }
      sequence = next;
    }
    for (const [t, values] of sequence.entries()) output.set(values, row(b, t) * D * P);
  }
  const tensor = (data: Float64Array, shape: number[]): RefTensor => ({ dtype: "f32", shape, data });
  return [
    tensor(output, [...x.shape.slice(0, -1), D * P]),
    ...last.map((data, i) => tensor(data, [numLayers * D, ...(batched ? [B] : []), sizes[i]])),
  ];
}

const cellSize = (ih: RefTensor): number => ih.shape[0] / 4;

// -- samples -----------------------------------------------------------------------------------------------------------

/** What a sample is made of; the inputs are x, the states, and the weights in PyTorch's order. */
export interface Form {
  readonly B?: number;
  readonly T?: number;
  readonly I?: number;
  readonly H?: number;
  readonly P?: number;
  readonly layers?: number;
  readonly bidirectional?: boolean;
  readonly batchFirst?: boolean;
  readonly batched?: boolean;
  readonly lengths?: readonly number[];
  readonly bias?: boolean;
  readonly states?: boolean;
  readonly peephole?: boolean;
  readonly scale?: number;
  /** In place of the values of x that lie behind the lengths. */
  readonly padding?: number;
  readonly x?: (shape: number[]) => Maker;
  readonly note?: string;
  readonly smooth?: boolean;
}

/** x with `value` behind each sequence's end. */
function padded(maker: Maker, lengths: readonly number[], batchFirst: boolean, value: number): Maker {
  return (random) => {
    const x = maker(random);
    const I = x.shape[2];
    const place = (i: number): number[] => [Math.floor(i / (x.shape[1] * I)), Math.floor(i / I) % x.shape[1]];
    const data = x.data.map((old, i) => {
      const [b, t] = batchFirst ? place(i) : place(i).reverse();
      return t < lengths[b] ? old : value;
    });
    return { ...x, data };
  };
}

export function sampleOf(gates: number, form: Form): Sample<Attrs> {
  const { B = 2, T = 3, I = 3, H = 4, layers = 1, bidirectional = false, batchFirst = true } = form;
  const { bias = true, scale = 0.5, batched = true, P = H, lengths } = form;
  const D = bidirectional ? 2 : 1;
  const shape = batched ? (batchFirst ? [B, T, I] : [T, B, I]) : [T, I];
  const x = (form.x ?? normal)(shape);
  const states = [P, ...(gates === 4 ? [H] : [])].map((size) =>
    form.states === false ? null : normal([layers * D, ...(batched ? [B] : []), size]),
  );
  const weights = Array.from({ length: layers * D }, (_, i): Maker[] => [
    normal([gates * H, i < D ? I : D * P], scale),
    normal([gates * H, P], scale),
    ...(bias ? [normal([gates * H], scale), normal([gates * H], scale)] : []),
    ...(form.P === undefined ? [] : [normal([P, H], scale)]),
    ...(form.peephole ? [normal([3 * H], scale)] : []),
  ]);
  const cut = lengths && form.padding !== undefined ? padded(x, lengths, batchFirst, form.padding) : x;
  const kinds = gates === 4 ? { projection: form.P !== undefined, peephole: form.peephole === true } : {};
  return {
    inputs: [cut, ...states, ...weights.flat()],
    attrs: { numLayers: layers, bidirectional, batchFirst, lengths, bias, ...kinds },
    note: form.note,
    smooth: form.smooth,
  };
}

/** What every kind of layer is tried with. */
export const forms: readonly Form[] = [
  ...[1, 3, 4, 5, 8, 17].map((H) => ({ H })),
  ...[1, 2, 5, 9].map((T) => ({ T, H: 5 })),
  ...[1, 5].map((B) => ({ B, H: 3 })),
  ...[1, 17].map((I) => ({ I, H: 5 })),
  { I: 0, note: "no features" },
  { B: 0, note: "no sequences" },
  { bidirectional: true },
  { bidirectional: true, B: 1, T: 5 },
  { layers: 2, T: 2 },
  { layers: 3, T: 2, H: 3, I: 2, bias: false },
  { layers: 2, T: 2, H: 3, bidirectional: true },
  { layers: 3, T: 2, H: 1, B: 1, bidirectional: true, bias: false },
  { bias: false },
  { states: false },
  { states: false, bias: false, bidirectional: true, note: "nothing but weights" },
  { batchFirst: false },
  { batchFirst: false, T: 2, H: 3, bidirectional: true },
  { batched: false, B: 1 },
  { batched: false, B: 1, bidirectional: true, states: false },
  { B: 3, T: 5, lengths: [5, 3, 1], padding: Number.NaN, note: "NaN for padding" },
  { B: 3, T: 5, lengths: [2, 5, 3], padding: Number.NaN, note: "NaN for padding" },
  { B: 3, T: 5, lengths: [2, 4, 2], padding: Infinity, batchFirst: false, note: "Infinity for padding" },
  { B: 5, T: 9, H: 1, I: 2, lengths: [1, 9, 4, 4, 8], bidirectional: true, padding: Number.NaN },
  { B: 2, T: 3, lengths: [3, 3] },
  { B: 1, T: 5, lengths: [3], bidirectional: true, padding: Number.NaN },
  { B: 3, T: 3, H: 2, I: 2, layers: 2, lengths: [1, 3, 2], bidirectional: true, padding: Number.NaN },
  { B: 3, T: 3, H: 3, lengths: [1, 3, 2], states: false, batchFirst: false, bidirectional: true },
  { B: 3, T: 4, lengths: [2, 2, 2], note: "all of them shorter" },
  { scale: 2, note: "steep" },
  { x: (shape) => normal(shape, 100), scale: 0.02, note: "×100" },
  { x: (shape) => integers(shape, -2, 3) },
];

// -- cells -------------------------------------------------------------------------------------------------------------

type CellAttrs = Readonly<Record<string, unknown>>;

interface CellForm extends Form {
  /** One bias of the two is missing. */
  readonly oneBias?: boolean;
}

function cellSample(gates: number, attrs: CellAttrs, form: CellForm): Sample<CellAttrs> {
  const { B = 2, I = 3, H = 4, batched = true, bias = true, scale = 0.5, x = normal } = form;
  const rows = (size: number): number[] => (batched ? [B, size] : [size]);
  const vector = bias ? normal([gates * H], scale) : null;
  const state = form.states === false ? null : normal(rows(H));
  return {
    inputs: [
      x(rows(I)),
      ...(gates === 4 ? [state, state] : [state]),
      normal([gates * H, I], scale),
      normal([gates * H, H], scale),
      form.oneBias ? null : vector,
      vector,
      ...(gates === 4 ? [form.peephole ? normal([3 * H], scale) : null] : []),
    ],
    attrs,
    note: form.note,
  };
}

const cellForms: readonly CellForm[] = [
  ...[1, 3, 4, 5, 8, 17, 33].map((H) => ({ H })),
  ...[0, 1, 5].map((B) => ({ B })),
  { I: 17, H: 5 },
  { batched: false },
  { batched: false, states: false },
  { bias: false },
  { oneBias: true },
  { states: false },
  { states: false, bias: false, H: 5 },
  { x: (shape) => normal(shape, 100), scale: 0.02, note: "×100" },
  { x: (shape) => integers(shape, -2, 3) },
];

/** What the oracle's own loops take: rows to stack, and both biases or none. */
const plain = ({ B, oneBias }: CellForm): boolean => B !== 0 && !oneBias;

/** A cell on every row of a batch. */
function onRows(cell: Cell, inputs: readonly RefInput[], count: number): RefTensor[] {
  const x = inputs[0] as RefTensor;
  const weights = inputs.slice(1 + count, 1 + count + 4);
  const [I, H] = [x.shape[x.shape.length - 1], (weights[1] as RefTensor).shape[1]];
  const lead = x.shape.slice(0, -1);
  const results = Array.from({ length: count }, () => new Float64Array(numel(lead) * H));
  for (let row = 0; row < numel(lead); row++) {
    const state = results.map(
      (_, i) => inputs[1 + i]?.data.slice(row * H, (row + 1) * H) ?? new Float64Array(H),
    );
    const next = cell(x.data.slice(row * I, (row + 1) * I), state, [
      ...weights,
      null,
      inputs[1 + count + 4] ?? null,
    ]);
    for (const [i, values] of next.entries()) results[i].set(values, row * H);
  }
  return results.map((data) => ({ dtype: "f32", shape: [...lead, H], data }));
}

const names = ["x", "h", "w_ih", "w_hh", "b_ih", "b_hh"];

export const refs: readonly OpRef[] = [
  defineRef<CellAttrs>({
    op: "rnnCell",
    inputs: names,
    torch: "recurrent_cell('rnn', inputs, nonlinearity=nonlinearity)",
    differentiable: true,
    tolerance: { units: 8 },
    forward: (inputs, attrs) => onRows(rnnCell(attrs.nonlinearity as "tanh" | "relu"), inputs, 1),
    call: ([x, ...rest], attrs) => (x.rnnCell as (...all: unknown[]) => never)(...rest, attrs),
    samples: [
      ...cellForms.map((form) => cellSample(1, { nonlinearity: "tanh" }, form)),
      ...cellForms.map((form) => cellSample(1, { nonlinearity: "relu" }, form)),
    ],
  }),
  defineRef<CellAttrs>({
    op: "gruCell",
    inputs: names,
    torch: "recurrent_cell('gru', inputs, reset_after=resetAfter)",
    differentiable: true,
    tolerance: { units: 8 },
    forward: (inputs, attrs) => onRows(gruCell(attrs.resetAfter as boolean), inputs, 1),
    call: ([x, h, wIh, wHh, bIh, bHh], attrs) => x.gruCell(h, wIh, wHh, bIh, bHh, attrs),
    samples: [
      ...cellForms.map((form) => cellSample(3, { resetAfter: true }, form)),
      ...cellForms.filter(plain).map((form) => cellSample(3, { resetAfter: false }, form)),
    ],
  }),
  defineRef<CellAttrs>({
    op: "lstmCell",
    inputs: ["x", "h", "c", ...names.slice(2), "peephole"],
    torch: "recurrent_cell('lstm', inputs)",
    differentiable: true,
    tolerance: { units: 8 },
    forward: (inputs) => onRows(lstmCell, inputs, 2),
    call([x, h, c, wIh, wHh, bIh, bHh, peephole]) {
      const { hn, cn } = x.lstmCell(h && [h, c], wIh, wHh, bIh, bHh, peephole);
      return [hn, cn];
    },
    samples: [
      ...cellForms.map((form) => cellSample(4, {}, form)),
      ...cellForms.filter(plain).map((form) => cellSample(4, {}, { ...form, peephole: true })),
    ],
  }),
];
