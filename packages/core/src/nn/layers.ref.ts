// Cases of layers.ts and containers.ts.
import { integers, normal } from "../reference.ts";
import type { ModuleCase } from "./reference.ts";

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
];
