// Modules that hold modules or parameters, under the names "0", "1", … or names of the caller's.
// torch.nn.Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict
import { fail, listArgument, optionsArgument, refuse, tensorArgument } from "../ops/arguments.ts";
import type { Tensor } from "../tensor.ts";
import { Module, Parameter } from "./module.ts";

/** A list of modules. */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  constructor(modules: readonly M[] = []) {
    super();
    const items = listed(modules);
    // All of them are looked at before the first is taken over.
    for (const item of items) moduleArgument("ModuleList", item);
    for (const item of items as unknown as M[]) this.append(item);
  }

  get length(): number {
    return [...this.namedChildren()].length;
  }

  append(module: M): this {
    moduleArgument("ModuleList", module);
    (this as unknown as Record<string, M>)[String(this.length)] = module;
    return this;
  }

  at(index: number): M {
    const module = [...this].at(index);
    if (module === undefined) {
      refuse("ModuleList", "index", `of one of ${this.length} modules`, index, "index");
    }
    return module;
  }

  *[Symbol.iterator](): Generator<M> {
    for (const [, module] of this.namedChildren()) yield module as M;
  }

  // biome-ignore lint/suspicious/noExplicitAny: Sequential has one argument
  forward(..._args: any[]): any {
    fail("unsupported", "a ModuleList has no forward; call its modules");
  }
}

const listed = (given: unknown): readonly unknown[] =>
  given instanceof ModuleList ? [...given] : listArgument("ModuleList", "modules", given);

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
    for (const [name, module] of pairs("ModuleDict", modules)) this.set(name, module);
  }

  set(name: string, module: M): this {
    moduleArgument("ModuleDict", module);
    this.registerModule(name, module);
    return this;
  }

  /** The module of a name; an error when there is none. */
  at(name: string): M {
    for (const [own, module] of this.entries()) if (own === name) return module;
    return refuse("ModuleDict", "name", `one of ${this.keys().join(", ")}`, name);
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
    fail("unsupported", "a ModuleDict has no forward; call its modules");
  }
}

/** Parameters by name; tensors become parameters. */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super();
    for (const [name, parameter] of pairs("ParameterDict", parameters)) this.set(name, parameter);
  }

  set(name: string, parameter: Tensor): this {
    tensorArgument(this.constructor.name, "a parameter", parameter);
    this.registerParameter(name, parameter instanceof Parameter ? parameter : new Parameter(parameter));
    return this;
  }

  /** The parameter of a name; an error when there is none. */
  at(name: string): Parameter {
    for (const [own, parameter] of this.entries()) if (own === name) return parameter;
    return refuse(this.constructor.name, "name", `one of ${this.keys().join(", ")}`, name);
  }

  keys(): string[] {
    return this.entries().map(([name]) => name);
  }

  entries(): [string, Parameter][] {
    return [...this.namedParameters({ removeDuplicate: false })];
  }

  // biome-ignore lint/suspicious/noExplicitAny: it has no arguments of its own
  forward(..._args: any[]): any {
    fail("unsupported", `a ${this.constructor.name} has no forward; use its parameters`);
  }
}

/** A list of parameters. */
export class ParameterList extends ParameterDict implements Iterable<Parameter> {
  constructor(parameters: readonly Tensor[] = []) {
    const given = listArgument("ParameterList", "parameters", parameters) as readonly unknown[];
    super(given.map((parameter, i): [string, Tensor] => [String(i), parameter as Tensor]));
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

function moduleArgument(container: string, module: unknown): void {
  if (module instanceof Module) return;
  refuse(container, "item", "a Module", module);
}

function pairs<T>(
  container: string,
  given: Readonly<Record<string, T>> | Iterable<readonly [string, T]>,
): Iterable<readonly [string, T]> {
  const isList = Array.isArray(given) || given instanceof Map;
  const list = isList ? [...given] : Object.entries(optionsArgument(container, given));
  return list.map((pair) => listArgument(container, "an item", pair) as unknown as readonly [string, T]);
}
