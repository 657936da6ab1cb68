// What an op is: forward runs kernels and says what backward will need; backward writes the gradients of the inputs.
// An op is plain data, so a tape entry can be printed and measured. Composed ops are functions of other ops instead.
import type { GradientSink } from "./autograd/backward.ts";
import { isRecording, makeEntry } from "./autograd/tape.ts";
import { Variable } from "./autograd/variable.ts";
import { bytesOf } from "./dtype.ts";
import { type Cost, timed } from "./profile.ts";
import { Scope } from "./scope.ts";
import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export type Inputs = readonly (Tensor | null)[];
/** What forward saved, in order. */
export type SavedTensors = readonly (Tensor | null)[];

export interface Forward {
  /** True when a gradient may be asked for: only then is anything saved or computed for it. */
  readonly recording: boolean;
  /** Keeps tensors for backward, in this order. */
  save(...tensors: (Tensor | null)[]): void;
}

export interface FusedOp<I extends Inputs, A> {
  readonly name: string;
  /** Checks are done by the public function before; this allocates the result and runs the kernels. */
  forward(inputs: I, attrs: A, call: Forward): Tensor;
  /** Absent for ops without a gradient (comparisons, argmax …). */
  // biome-ignore lint/suspicious/noExplicitAny: each op names its saved tensors by destructuring
  backward?(dy: Tensor, saved: any, attrs: A, into: GradientSink): void;
  /** Floating-point operations of a forward, for the profiler; a number is for each element of input or result. */
  readonly flops?: number | ((inputs: I, attrs: A, y: Tensor) => number);
  /** Bytes a forward reads and writes, where that is not all of its inputs and its result. */
  readonly bytes?: (inputs: I, attrs: A, y: Tensor) => number;
}

export function defineOp<I extends Inputs, A = undefined>(op: FusedOp<I, A>): FusedOp<I, A> {
  return op;
}

/** Runs an op and, where an input requires a gradient, records it. */
export function apply<I extends Inputs, A>(op: FusedOp<I, A>, inputs: I, attrs: A): Tensor {
  const recording = isRecording() && op.backward !== undefined && inputs.some((x) => x?.requiresGrad);
  let saved: SavedTensors = [];
  const save = (...tensors: (Tensor | null)[]): void => {
    if (recording) saved = tensors;
  };
  const temporaries = new Scope();
  try {
    let flops = 0;
    const y = timed(
      op.name,
      () => op.forward(inputs, attrs, { recording, save }),
      (result) => {
        const cost = costOf(op, inputs, attrs, result);
        flops = cost.flops;
        return cost;
      },
    );
    if (recording) {
      const { shape, strides, offset } = y;
      y.recordAs(new Variable({ shape, strides, offset }, makeEntry(op, inputs, attrs, saved, flops)));
    }
    return temporaries.keep(y);
  } finally {
    temporaries[Symbol.dispose]();
  }
}

function costOf<I extends Inputs, A>(op: FusedOp<I, A>, inputs: I, attrs: A, y: Tensor): Cost {
  const { flops = 0, bytes } = op;
  const operands = inputs.filter((x) => x !== null);
  return {
    flops:
      typeof flops === "function"
        ? flops(inputs, attrs, y)
        : flops * Math.max(inputs[0]?.numel ?? 0, y.numel),
    bytes: bytes?.(inputs, attrs, y) ?? [...operands, y].reduce((sum, x) => sum + touched(x), 0),
    shapes: operands.map(({ shape }) => formatShape(shape)).join(" "),
  };
}

/** Bytes of a tensor; elements that a view shows several times are read once. */
function touched({ numel, dtype, storage }: Tensor): number {
  return Math.min(numel * bytesOf[dtype], storage.bytes);
}
