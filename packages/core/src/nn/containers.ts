// Modules that hold modules or parameters, under the names "0", "1", … or names of the caller's.
// torch.nn.Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict
import { SaccadeError } from "@saccade/kernels";
import type { Tensor } from "../tensor.ts";
import { Module, Parameter } from "./module.ts";

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

/** Modules by name. */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super();
    for (const [name, module] of pairs(modules)) this.set(name, module);
  }

  set(name: string, module: M): this {
    this.registerModule(name, module);
    return this;
  }

  /** The module of a name; an error when there is none. */
  at(name: string): M {
    for (const [own, module] of this.entries()) if (own === name) return module;
    throw new SaccadeError("argument", `a ModuleDict of ${this.keys().join(", ")} has no module "${name}"`);
  }

  has(name: string): boolean {
    return this.keys().includes(name);
  }

  keys(): string[] {
    return this.entries().map(([name]) => name);
  }

  entries(): [string, M][] {
    return [...this.namedChildren()] as [string, M][];
  }

  // biome-ignore lint/suspicious/noExplicitAny: it has no arguments of its own
  forward(..._args: any[]): any {
    throw new SaccadeError("unsupported", "a ModuleDict has no forward; call its modules");
  }
}

/** Parameters by name; tensors become parameters. */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super();
    for (const [name, parameter] of pairs(parameters)) this.set(name, parameter);
  }

  set(name: string, parameter: Tensor): this {
    this.registerParameter(name, parameter instanceof Parameter ? parameter : new Parameter(parameter));
    return this;
  }

  /** The parameter of a name; an error when there is none. */
  at(name: string): Parameter {
    for (const [own, parameter] of this.entries()) if (own === name) return parameter;
    throw new SaccadeError(
      "argument",
      `a ${this.constructor.name} of ${this.keys().join(", ")} has no parameter "${name}"`,
    );
  }

  keys(): string[] {
    return this.entries().map(([name]) => name);
  }

  entries(): [string, Parameter][] {
    return [...this.namedParameters({ removeDuplicate: false })];
  }

  // biome-ignore lint/suspicious/noExplicitAny: it has no arguments of its own
  forward(..._args: any[]): any {
    throw new SaccadeError("unsupported", `a ${this.constructor.name} has no forward; use its parameters`);
  }
}

/** A list of parameters. */
export class ParameterList extends ParameterDict implements Iterable<Parameter> {
  constructor(parameters: readonly Tensor[] = []) {
    super(parameters.map((parameter, i): [string, Tensor] => [String(i), parameter]));
  }

  get length(): number {
    return this.entries().length;
  }

  append(parameter: Tensor): this {
    return this.set(String(this.length), parameter);
  }

  *[Symbol.iterator](): Generator<Parameter> {
    for (const [, parameter] of this.entries()) yield parameter;
  }
}

function pairs<T>(
  given: Readonly<Record<string, T>> | Iterable<readonly [string, T]>,
): Iterable<readonly [string, T]> {
  return Symbol.iterator in given ? (given as Iterable<readonly [string, T]>) : Object.entries(given);
}
