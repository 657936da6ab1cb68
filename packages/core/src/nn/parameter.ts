// Parameters, and models half built. torch.nn.Parameter
import { Tensor } from "../tensor.ts";

/** A tensor that is trained: it outlives scopes and requires a gradient. torch.nn.Parameter */
export class Parameter extends Tensor {
  constructor(source: Tensor, requiresGrad = true) {
    const { storage, shape, strides, offset, dtype, panel } = source;
    storage.retain();
    super({ storage, shape, strides, offset, dtype, panel });
    // In the scope around, if there is one, until it is known to be sound.
    if (requiresGrad) this.requiresGrad_();
    (this as Tensor).scope?.forget(this);
    source.dispose("it became a Parameter");
    unfinished?.push(this);
  }
}

/** Parameters made while a model is being built. */
let unfinished: Parameter[] | null = null;

/** Builds a model; when that fails, for lack of memory say, the parameters it has made by then are freed. */
export function build<M>(make: () => M): M {
  const around = unfinished;
  const mine: Parameter[] = [];
  unfinished = mine;
  try {
    return make();
  } catch (error) {
    for (const parameter of mine) parameter.dispose("its model could not be built");
    throw error;
  } finally {
    unfinished = around;
    around?.push(...mine);
  }
}
