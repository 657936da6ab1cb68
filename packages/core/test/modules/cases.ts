// Every case of every `*.ref.ts` beside the modules, found by reading the directory.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { ModuleCase } from "../../src/nn/reference.ts";
import { type RefTensor, SampleRandom } from "../../src/reference.ts";

export interface Case extends Omit<ModuleCase, "inputs"> {
  /** The file it stands in: "layers" for layers.ref.ts. */
  readonly file: string;
  readonly inputs: readonly RefTensor[];
}

const directory = new URL("../../src/nn/", import.meta.url);

export async function loadModuleCases(): Promise<Case[]> {
  const files = readdirSync(directory).filter((name) => name.endsWith(".ref.ts"));
  const lists = await Promise.all(
    files.sort().map(async (name) => {
      const { cases } = (await import(new URL(name, directory).href)) as { cases: readonly ModuleCase[] };
      return cases.map((c) => drawn(name.slice(0, -".ref.ts".length), c));
    }),
  );
  const all = lists.flat();
  const names = new Set(all.map(({ name }) => name));
  if (names.size !== all.length) throw new Error("two module cases share a name");
  return all;
}

function drawn(file: string, c: ModuleCase): Case {
  return { ...c, file, inputs: c.inputs.map((make, i) => make(new SampleRandom(`${c.name}/${i}`))) };
}

export function torchCallOf({ torchCall, inputs }: Case): string {
  return torchCall ?? `module(${inputs.map((_, i) => inputName(i)).join(", ")})`;
}

export function inputName(i: number): string {
  return String.fromCharCode("a".charCodeAt(0) + i);
}

/** What a fixture was made from; another digest means it is stale. */
export function digest(c: Case): string {
  const hash = createHash("sha256").update(`${c.torch} ${torchCallOf(c)} ${c.training === true}`);
  for (const { dtype, shape, data } of c.inputs) hash.update(`${dtype} ${shape.join(",")}`).update(data);
  return hash.digest("hex").slice(0, 16);
}
