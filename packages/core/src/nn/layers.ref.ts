// Cases of layers.ts and containers.ts.
import { integers, normal, values } from "../reference.ts";
import type { EmbeddingBag } from "./layers.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const bag = values([3, 1, 6, 3, 3, 0], [2, 3], "i32");
const list = values([3, 1, 6, 0, 1], [5], "i32");

export const cases: readonly ModuleCase[] = [
  {
    name: "Linear(5, 3)",
    torch: "nn.Linear(5, 3)",
    make: ({ nn }) => new nn.Linear(5, 3),
    inputs: [normal([2, 4, 5])],
  },
  {
    name: "Linear(17, 8) without bias",
    torch: "nn.Linear(17, 8, bias=False)",
    make: ({ nn }) => new nn.Linear(17, 8, { bias: false }),
    inputs: [normal([17])],
  },
  {
    name: "Embedding(7, 5)",
    torch: "nn.Embedding(7, 5)",
    make: ({ nn }) => new nn.Embedding(7, 5),
    inputs: [integers([3, 4], 0, 7)],
  },
  {
    name: "LayerNorm([3, 5])",
    torch: "nn.LayerNorm([3, 5])",
    make: ({ nn }) => new nn.LayerNorm([3, 5]),
    inputs: [normal([2, 3, 5])],
  },
  {
    name: "LayerNorm(5) of small variance, without bias",
    torch: "nn.LayerNorm(5, eps=1e-3, bias=False)",
    make: ({ nn }) => new nn.LayerNorm(5, { eps: 1e-3, bias: false }),
    inputs: [normal([4, 5], 0.02)],
  },
  {
    name: "Sequential(Linear, LayerNorm, Dropout)",
    torch: "nn.Sequential(nn.Linear(5, 4), nn.LayerNorm(4), nn.Dropout(0.5))",
    make: ({ nn }) => new nn.Sequential(new nn.Linear(5, 4), new nn.LayerNorm(4), new nn.Dropout(0.5)),
    inputs: [normal([3, 5])],
  },
  layerCase("Bilinear", [3, 4, 5], {}, [normal([2, 6, 3]), normal([2, 6, 4])]),
  layerCase("Bilinear", [3, 1, 2], { bias: false }, [normal([3]), normal([1])]),
  layerCase("Embedding", [7, 5], { paddingIdx: 2 }, [values([2, 0, 6, 2], [2, 2], "i32")]),
  layerCase("Embedding", [7, 5], { paddingIdx: -1 }, [values([2, 0, 6, 2], [4], "i32")]),
  ...["mean", "sum", "max"].map((mode) => layerCase("EmbeddingBag", [7, 5], { mode }, [bag])),
  layerCase("EmbeddingBag", [7, 5], {}, [list, values([0, 2, 2], [3], "i32")], { what: "by offsets" }),
  layerCase("EmbeddingBag", [7, 5], { includeLastOffset: true }, [list, values([0, 2, 5], [3], "i32")]),
  layerCase("EmbeddingBag", [7, 5], { paddingIdx: 3 }, [bag]),
  layerCase("EmbeddingBag", [7, 5], { mode: "sum", paddingIdx: -1 }, [bag, normal([2, 3])], {
    what: "with weights",
    torchCall: "module(a, None, b)",
    call: (module: EmbeddingBag, [ids, weights]) => module.forward(ids, null, weights),
  }),
];
