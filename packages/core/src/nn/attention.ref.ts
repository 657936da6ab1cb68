// Cases of attention.ts: every option of torch.nn.MultiheadAttention, alone and together.
import { type Maker, normal, values } from "../reference.ts";
import type { MultiheadAttention, MultiheadAttentionInputs, MultiheadAttentionOptions } from "./attention.ts";
import type { ModuleCase } from "./reference.ts";

/** Keys 3, and 2 and 3, are padding. */
const padding = values([0, 0, 0, 1, 0, 0, 1, 1], [2, 4], "bool");
/** Each query keeps some key that padding leaves. */
const hidden = values([0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0], [3, 4], "bool");
const future = values([0, 1, 1, 0, 0, 1, 0, 0, 0], [3, 3], "bool");

const python = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "True" : "False") : String(value);
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Call extends Omit<MultiheadAttentionInputs, "keyPaddingMask" | "attnMask"> {
  /** Which inputs are masks, by number. */
  readonly keyPaddingMask?: number;
  readonly attnMask?: number;
  /** Numbers of query, key and value. */
  readonly qkv?: readonly [number, number, number];
  readonly isCausal?: boolean;
}

const letter = (i: number): string => String.fromCharCode(97 + i);

/** One case; `call` names inputs by number. */
function attention(
  what: string,
  heads: readonly [number, number],
  inputs: readonly Maker[],
  call: Call = {},
  options: MultiheadAttentionOptions = {},
): ModuleCase {
  const { qkv = [0, 1, 2], keyPaddingMask, attnMask, isCausal, ...plain } = call;
  const settings = Object.entries({ batchFirst: true, ...options }).map(
    ([name, value]) => `${snake(name)}=${python(value)}`,
  );
  const masks = Object.entries({ keyPaddingMask, attnMask }).filter(([, i]) => i !== undefined) as [
    string,
    number,
  ][];
  const given = [
    ...masks.map(([name, i]) => `${snake(name)}=${letter(i)}`),
    ...Object.entries(plain).map(([name, value]) => `${snake(name)}=${python(value)}`),
    // PyTorch takes it as a hint about a mask that must be there as well.
    ...(isCausal ? ["is_causal=True", "attn_mask=torch.ones(3, 3).triu(1).bool()"] : []),
  ];
  const torch = `nn.MultiheadAttention(${heads.join(", ")}, ${settings.join(", ")})`;
  const arguments_ = [...qkv.map(letter), ...given].join(", ");
  return {
    name: `MultiheadAttention(${heads.join(", ")}) ${what}`,
    torch,
    make: ({ nn }) => new nn.MultiheadAttention(...heads, options),
    inputs,
    torchCall: plain.needWeights === false ? `module(${arguments_})[0]` : `module(${arguments_})`,
    call: (module: MultiheadAttention, tensors) => {
      const [query, key, value] = qkv.map((i) => tensors[i]);
      const chosen = Object.fromEntries(masks.map(([name, i]) => [name, tensors[i]]));
      const { output, weights } = module.forward(query, key, value, { ...plain, ...chosen, isCausal });
      return weights === null ? [output] : [output, weights];
    },
  };
}

const q = normal([2, 3, 8]);
const k = normal([2, 4, 8]);
const three = [q, k, k];

export const cases: readonly ModuleCase[] = [
  attention("of itself", [8, 2], [q], { qkv: [0, 0, 0] }),
  attention("of another", [8, 2], [q, k], { qkv: [0, 1, 1] }),
  attention("of three inputs", [8, 4], three),
  attention("one head", [8, 1], three),
  attention("queries as values", [8, 2], [q, q], { qkv: [0, 1, 0] }),
  attention("without bias", [8, 2], [q], { qkv: [0, 0, 0] }, { bias: false }),
  attention("without weights", [8, 2], three, { needWeights: false }),
  attention("weights of each head", [8, 2], three, { averageAttnWeights: false }),
  attention(
    "sequence first",
    [8, 2],
    [normal([3, 2, 8]), normal([4, 2, 8])],
    { qkv: [0, 1, 1] },
    {
      batchFirst: false,
    },
  ),
  attention(
    "sequence first, of itself",
    [8, 2],
    [normal([3, 2, 8])],
    { qkv: [0, 0, 0] },
    {
      batchFirst: false,
    },
  ),
  attention("other widths", [8, 2], [q, normal([2, 4, 5]), normal([2, 4, 7])], {}, { kdim: 5, vdim: 7 }),
  attention("other width of keys, no bias", [8, 2], [q, normal([2, 4, 5]), k], {}, { kdim: 5, bias: false }),
  attention("without a batch", [8, 2], [normal([3, 8]), normal([4, 8])], { qkv: [0, 1, 1] }),
  attention(
    "without a batch, masked",
    [8, 2],
    [normal([3, 8]), normal([4, 8]), values([0, 1, 0, 0], [4], "bool"), hidden],
    { qkv: [0, 1, 1], keyPaddingMask: 2, attnMask: 3, averageAttnWeights: false },
  ),
  attention("without a batch, a mask per head", [8, 2], [normal([3, 8]), normal([4, 8]), normal([2, 3, 4])], {
    qkv: [0, 1, 1],
    attnMask: 2,
  }),
  attention("padding", [8, 2], [...three, padding], { keyPaddingMask: 3 }),
  attention("added padding", [8, 2], [...three, normal([2, 4])], { keyPaddingMask: 3 }),
  attention("mask", [8, 2], [...three, hidden], { attnMask: 3 }),
  attention("added mask", [8, 2], [...three, normal([3, 4])], { attnMask: 3 }),
  attention("mask of each head", [8, 2], [...three, normal([4, 3, 4])], { attnMask: 3 }),
  attention("both masks", [8, 2], [...three, padding, hidden], { keyPaddingMask: 3, attnMask: 4 }),
  attention("both masks, no weights", [8, 2], [...three, padding, hidden], {
    keyPaddingMask: 3,
    attnMask: 4,
    needWeights: false,
  }),
  attention("both added", [8, 2], [...three, normal([2, 4]), normal([3, 4])], {
    keyPaddingMask: 3,
    attnMask: 4,
  }),
  attention("causal", [8, 2], [q], { qkv: [0, 0, 0], isCausal: true }),
  attention("causal, no weights", [8, 2], [q], { qkv: [0, 0, 0], isCausal: true, needWeights: false }),
  attention("the causal mask", [8, 2], [q, future], { qkv: [0, 0, 0], attnMask: 1 }),
  attention("a learned key", [8, 2], three, {}, { addBiasKv: true }),
  attention("a zero key", [8, 2], three, {}, { addZeroAttn: true }),
  attention(
    "a learned and a zero key, masked",
    [8, 2],
    [...three, padding, hidden],
    { keyPaddingMask: 3, attnMask: 4 },
    { addBiasKv: true, addZeroAttn: true },
  ),
  attention(
    "a learned and a zero key, added masks",
    [8, 2],
    [...three, normal([2, 4]), normal([4, 3, 4])],
    { keyPaddingMask: 3, attnMask: 4, averageAttnWeights: false },
    { addBiasKv: true, addZeroAttn: true, bias: false },
  ),
  attention(
    "a learned key, causal",
    [8, 2],
    [q],
    { qkv: [0, 0, 0], isCausal: true },
    {
      addBiasKv: true,
      addZeroAttn: true,
    },
  ),
  attention("dropout in evaluation", [8, 2], [q], { qkv: [0, 0, 0] }, { dropout: 0.5 }),
];
