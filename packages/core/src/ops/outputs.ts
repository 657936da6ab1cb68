// Ops with several results. The op itself returns one flat tensor that holds them one behind the other; what callers see
// are views of it. The tape knows one variable, and gradients of the parts gather in it as those of any views do.
import { numel, type Shape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { narrow, view } from "./views.ts";

/** Memory for results of these shapes in one flat f32 tensor, and each of them as a view to write to. */
export function joinedOutputs(...shapes: readonly Shape[]): { flat: Tensor; parts: Tensor[] } {
  const flat = empty([shapes.reduce((total, shape) => total + numel(shape), 0)]);
  return { flat, parts: separate(flat, ...shapes) };
}

/** The results that lie in `flat`, one behind the other; in a backward, their gradients in that of `flat`. */
export function separate(flat: Tensor, ...shapes: readonly Shape[]): Tensor[] {
  let begin = 0;
  return shapes.map((shape) => {
    const slab = narrow(flat, 0, begin, numel(shape));
    begin += numel(shape);
    const part = view(slab, shape);
    slab.dispose();
    return part;
  });
}
