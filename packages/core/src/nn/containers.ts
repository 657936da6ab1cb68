// Modules that hold modules under the names "0", "1", …. torch.nn.Sequential, ModuleList
import { SaccadeError } from "@saccade/kernels";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/** A list of modules. */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  constructor(modules: readonly M[] = []) {
    super();
    for (const module of modules) this.append(module);
  }

  get length(): number {
    return [...this.namedChildren()].length;
  }

  append(module: M): this {
    (this as unknown as Record<string, M>)[String(this.length)] = module;
    return this;
  }

  at(index: number): M {
    const module = [...this].at(index);
    if (module === undefined) {
      throw new SaccadeError("index", `a ModuleList of ${this.length} modules has none at ${index}`);
    }
    return module;
  }

  *[Symbol.iterator](): Generator<M> {
    for (const [, module] of this.namedChildren()) yield module as M;
  }

  // biome-ignore lint/suspicious/noExplicitAny: Sequential has one argument
  forward(..._args: any[]): any {
    throw new SaccadeError("unsupported", "a ModuleList has no forward; call its modules");
  }
}

/** Modules run one behind the other. */
export class Sequential extends ModuleList<Module> {
  constructor(...modules: Module[]) {
    super(modules);
  }

  // biome-ignore lint/suspicious/noExplicitAny: widens ModuleList's
  override forward(x: Tensor): any {
    let y: unknown = x;
    for (const module of this) y = module.forward(y);
    return y;
  }
}
