// Cases of recurrent.ts.
import { type Maker, normal } from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import type { ModuleCase } from "./reference.ts";

type Kind = "RNN" | "GRU" | "LSTM";
type Settings = Readonly<Record<string, number | boolean | string>>;

/** Our options as PyTorch's keywords: numLayers → num_layers=…. */
function keywords(settings: Settings): string {
  const shown = (value: Settings[string]): string =>
    typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
  return Object.entries(settings)
    .map(([name, value]) => `, ${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}=${shown(value)}`)
    .join("");
}

interface Form {
  readonly x?: readonly number[];
  /** Sizes of the initial states before their last axis; none are given without. */
  readonly states?: readonly number[];
  readonly lengths?: readonly number[];
  readonly training?: boolean;
}

function layerCase(kind: Kind, settings: Settings, form: Form = {}): ModuleCase {
  const { x = [2, 4, 3], states, lengths } = form;
  const batchFirst = settings.batchFirst !== false;
  const widths = [Number(settings.projSize ?? 5), ...(kind === "LSTM" ? [5] : [])];
  const given = states === undefined ? [] : widths.map((size): Maker => normal([...states, size]));
  const hx = given.length === 0 ? "" : kind === "LSTM" ? ", (b, c)" : ", b";
  const packed = `torch.nn.utils.rnn.pack_padded_sequence(a, torch.tensor([${lengths}]), ${batchFirst ? "True" : "False"}, False)`;
  const last = kind === "LSTM" ? "*y[1]" : "y[1]";
  const unpacked = `torch.nn.utils.rnn.pad_packed_sequence(y[0], ${batchFirst ? "True" : "False"}, 0, ${x[batchFirst ? 1 : 0]})[0]`;
  const told = { ...settings, batchFirst };
  return {
    name: `${kind}(3, 5${keywords(settings)}) of ${x.join("×")}${given.length > 0 ? " with states" : ""}${lengths ? ` to ${lengths}` : ""}`,
    torch: `nn.${kind}(3, 5${keywords(told)})`,
    make: ({ nn }) => new nn[kind](3, 5, settings),
    inputs: [normal(x), ...given],
    torchCall: `(lambda y: (${lengths ? unpacked : "y[0]"}, ${last}))(module(${lengths ? packed : "a"}${hx}))`,
    call(module, [input, ...initial]) {
      const state = kind === "LSTM" ? initial : initial[0];
      const result: Record<string, Tensor> = module.forward(input, initial.length > 0 ? state : null, {
        lengths,
      });
      return Object.values(result);
    },
    training: form.training,
  };
}

function cellCase(kind: Kind, settings: Settings, shape: readonly number[], hasState = true): ModuleCase {
  const rows = shape.slice(0, -1);
  const given = hasState ? (kind === "LSTM" ? [5, 5] : [5]) : [];
  const hx = given.length === 0 ? "" : kind === "LSTM" ? ", (b, c)" : ", b";
  return {
    name: `${kind}Cell(3, 5${keywords(settings)}) of ${shape.join("×")}${hasState ? "" : " without state"}`,
    torch: `nn.${kind}Cell(3, 5${keywords(settings)})`,
    make: ({ nn }) => new nn[`${kind}Cell`](3, 5, settings),
    inputs: [normal(shape), ...given.map((size): Maker => normal([...rows, size]))],
    torchCall: `module(a${hx})`,
    call(module, [input, ...initial]) {
      if (kind !== "LSTM") return module.forward(input, initial[0] ?? null);
      const { hn, cn } = module.forward(input, initial.length > 0 ? initial : null);
      return [hn, cn];
    },
  };
}

export const cases: readonly ModuleCase[] = [
  ...(["RNN", "GRU", "LSTM"] as const).flatMap((kind) => [
    layerCase(kind, {}),
    layerCase(kind, { bias: false }, { states: [1, 2] }),
    layerCase(kind, { bidirectional: true, numLayers: 2 }, { states: [4, 2], lengths: [2, 4] }),
    layerCase(kind, { batchFirst: false, numLayers: 3 }, { lengths: [4, 1, 2], x: [4, 3, 3] }),
    layerCase(kind, { bidirectional: true, dropout: 0.5, numLayers: 2 }, { x: [4, 3], states: [4] }),
    layerCase(kind, { dropout: 0.5 }, { training: true, x: [1, 4, 3] }),
    cellCase(kind, {}, [2, 3]),
    cellCase(kind, { bias: false }, [3]),
    cellCase(kind, {}, [2, 3], false),
  ]),
  layerCase("RNN", { nonlinearity: "relu", numLayers: 2 }, { states: [2, 2] }),
  cellCase("RNN", { nonlinearity: "relu" }, [2, 3]),
  layerCase("LSTM", { projSize: 2 }, { states: [1, 2] }),
  layerCase("LSTM", { projSize: 2, numLayers: 2, bidirectional: true, bias: false }, { lengths: [3, 4] }),
];
