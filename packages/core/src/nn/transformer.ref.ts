// Cases of transformer.ts. Weights are drawn, so a stack's layers differ from one another.
import { type Maker, normal, values } from "../reference.ts";
import type { ModuleCase } from "./reference.ts";
import type {
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  TransformerLayerOptions,
} from "./transformer.ts";

const padding = values([0, 0, 0, 1, 0, 0, 1, 1], [2, 4], "bool");
const targetPadding = values([0, 0, 0, 0, 0, 1], [2, 3], "bool");
const future = (n: number): Maker =>
  values(
    Array.from({ length: n * n }, (_, i) => Number(i % n > Math.floor(i / n))),
    [n, n],
    "bool",
  );
const crossMask = values([0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 1], [3, 4], "bool");
const src = normal([2, 4, 8]);
const tgt = normal([2, 3, 8]);

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const python = (value: unknown): string =>
  typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);

/** ", dim_feedforward=12, …" */
function settings(options: TransformerLayerOptions & Record<string, unknown>): string {
  const all = { batchFirst: true, ...options };
  return Object.entries(all)
    .map(([name, value]) => `, ${snake(name)}=${python(value)}`)
    .join("");
}

const small = { dimFeedforward: 12, dropout: 0 };
const variants: readonly (readonly [string, TransformerLayerOptions])[] = [
  ["as it is", {}],
  ["norms first", { normFirst: true }],
  ["gelu", { activation: "gelu" }],
  ["without bias", { bias: false }],
  [
    "norms first, gelu, no bias, eps",
    { normFirst: true, activation: "gelu", bias: false, layerNormEps: 1e-2 },
  ],
  ["dropout in evaluation", { dropout: 0.4 }],
];

const encoderLayers = variants.map(
  ([what, options]): ModuleCase => ({
    name: `TransformerEncoderLayer(8, 2) ${what}`,
    torch: `nn.TransformerEncoderLayer(8, 2${settings({ ...small, ...options })})`,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, { ...small, ...options }),
    inputs: [src],
  }),
);

const decoderLayers = variants.map(
  ([what, options]): ModuleCase => ({
    name: `TransformerDecoderLayer(8, 2) ${what}`,
    torch: `nn.TransformerDecoderLayer(8, 2${settings({ ...small, ...options })})`,
    make: ({ nn }) => new nn.TransformerDecoderLayer(8, 2, { ...small, ...options }),
    inputs: [tgt, src],
  }),
);

const encoderLayer = `nn.TransformerEncoderLayer(8, 2${settings(small)})`;
const decoderLayer = `nn.TransformerDecoderLayer(8, 2${settings(small)})`;
const sizes = { numEncoderLayers: 2, numDecoderLayers: 1, ...small };

export const cases: readonly ModuleCase[] = [
  ...encoderLayers,
  ...decoderLayers,
  {
    name: "TransformerEncoderLayer(8, 2) in training, without dropout",
    torch: encoderLayer,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, small),
    inputs: [src],
    training: true,
  },
  {
    name: "TransformerEncoderLayer(8, 2) another activation",
    torch: `nn.TransformerEncoderLayer(8, 2${settings(small)}, activation=torch.tanh)`,
    make: ({ nn, tanh }) => new nn.TransformerEncoderLayer(8, 2, { ...small, activation: tanh }),
    inputs: [src],
  },
  {
    name: "TransformerEncoderLayer(8, 2) sequence first, padded",
    torch: `nn.TransformerEncoderLayer(8, 2${settings({ ...small, batchFirst: false })})`,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, { ...small, batchFirst: false }),
    inputs: [normal([4, 2, 8]), padding],
    torchCall: "module(a, src_key_padding_mask=b)",
    call: (module: TransformerEncoderLayer, [a, b]) => module.forward(a, { srcKeyPaddingMask: b }),
  },
  {
    name: "TransformerEncoderLayer(8, 2) causal and padded",
    torch: encoderLayer,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, small),
    inputs: [src, padding],
    torchCall: "module(a, src_mask=torch.ones(4, 4).triu(1).bool(), src_key_padding_mask=b, is_causal=True)",
    call: (module: TransformerEncoderLayer, [a, b]) =>
      module.forward(a, { srcKeyPaddingMask: b, isCausal: true }),
  },
  {
    name: "TransformerEncoderLayer(8, 2) added mask",
    torch: encoderLayer,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, small),
    inputs: [src, normal([4, 4])],
    torchCall: "module(a, src_mask=b)",
    call: (module: TransformerEncoderLayer, [a, srcMask]) => module.forward(a, { srcMask }),
  },
  {
    name: "TransformerEncoderLayer(8, 2) without a batch",
    torch: encoderLayer,
    make: ({ nn }) => new nn.TransformerEncoderLayer(8, 2, small),
    inputs: [normal([4, 8])],
  },
  {
    name: "TransformerDecoderLayer(8, 2) all masks",
    torch: decoderLayer,
    make: ({ nn }) => new nn.TransformerDecoderLayer(8, 2, small),
    inputs: [tgt, src, future(3), crossMask, targetPadding, padding],
    torchCall: "module(a, b, tgt_mask=c, memory_mask=d, tgt_key_padding_mask=e, memory_key_padding_mask=f)",
    call: (module: TransformerDecoderLayer, [a, b, tgtMask, memoryMask, tgtPadding, memoryPadding]) =>
      module.forward(a, b, {
        tgtMask,
        memoryMask,
        tgtKeyPaddingMask: tgtPadding,
        memoryKeyPaddingMask: memoryPadding,
      }),
  },
  {
    name: "TransformerDecoderLayer(8, 2) causal",
    torch: decoderLayer,
    make: ({ nn }) => new nn.TransformerDecoderLayer(8, 2, small),
    inputs: [tgt, tgt],
    torchCall:
      "module(a, b, tgt_mask=torch.ones(3, 3).triu(1).bool(), memory_mask=torch.ones(3, 3).triu(1).bool())",
    call: (module: TransformerDecoderLayer, [a, b]) =>
      module.forward(a, b, { tgtIsCausal: true, memoryIsCausal: true }),
  },
  {
    name: "TransformerEncoder of 2, with a norm, masked",
    torch: `nn.TransformerEncoder(${encoderLayer}, 2, norm=nn.LayerNorm(8))`,
    make: ({ nn }) =>
      new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, small), 2, {
        norm: new nn.LayerNorm(8),
      }),
    inputs: [src, future(4), padding],
    torchCall: "module(a, mask=b, src_key_padding_mask=c)",
    call: (module: TransformerEncoder, [a, mask, srcKeyPaddingMask]) =>
      module.forward(a, { mask, srcKeyPaddingMask }),
  },
  {
    name: "TransformerEncoder of 3",
    torch: `nn.TransformerEncoder(${encoderLayer}, 3)`,
    make: ({ nn }) => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, small), 3),
    inputs: [src],
  },
  {
    name: "TransformerDecoder of 2, masked",
    torch: `nn.TransformerDecoder(${decoderLayer}, 2, norm=nn.LayerNorm(8))`,
    make: ({ nn }) =>
      new nn.TransformerDecoder(new nn.TransformerDecoderLayer(8, 2, small), 2, {
        norm: new nn.LayerNorm(8),
      }),
    inputs: [tgt, src, future(3), padding],
    torchCall: "module(a, b, tgt_mask=c, memory_key_padding_mask=d)",
    call: (module: TransformerDecoder, [a, b, tgtMask, memoryKeyPaddingMask]) =>
      module.forward(a, b, { tgtMask, memoryKeyPaddingMask }),
  },
  {
    name: "Transformer(8, 2)",
    torch: `nn.Transformer(8, 2${settings(sizes)})`,
    make: ({ nn }) => new nn.Transformer(8, 2, sizes),
    inputs: [src, tgt],
  },
  {
    name: "Transformer(8, 2) norms first, all masks",
    torch: `nn.Transformer(8, 2${settings({ ...sizes, normFirst: true })})`,
    make: ({ nn }) => new nn.Transformer(8, 2, { ...sizes, normFirst: true }),
    inputs: [src, tgt, normal([4, 4]), crossMask, padding, targetPadding],
    torchCall:
      "module(a, b, src_mask=c, tgt_mask=module.generate_square_subsequent_mask(3), memory_mask=d, " +
      "src_key_padding_mask=e, tgt_key_padding_mask=f, memory_key_padding_mask=e)",
    call: (module: Transformer, [a, b, srcMask, memoryMask, srcPadding, tgtPadding], { nn }) =>
      module.forward(a, b, {
        srcMask,
        tgtMask: nn.Transformer.generateSquareSubsequentMask(3),
        memoryMask,
        srcKeyPaddingMask: srcPadding,
        tgtKeyPaddingMask: tgtPadding,
        memoryKeyPaddingMask: srcPadding,
      }),
  },
  {
    name: "Transformer(8, 2) sequence first, causal",
    torch: `nn.Transformer(8, 2${settings({ ...sizes, batchFirst: false })})`,
    make: ({ nn }) => new nn.Transformer(8, 2, { ...sizes, batchFirst: false }),
    inputs: [normal([4, 2, 8]), normal([3, 2, 8])],
    torchCall:
      "module(a, b, src_mask=module.generate_square_subsequent_mask(4), tgt_mask=module.generate_square_subsequent_mask(3))",
    call: (module: Transformer, [a, b]) => module.forward(a, b, { srcIsCausal: true, tgtIsCausal: true }),
  },
];
