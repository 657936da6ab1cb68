// Saves every module case, with weights drawn here, as safetensors: for tools/oracle/verify_modules.py, which loads them
// into torch.nn by name.
//   node --conditions=@saccade/source packages/core/tools/save-modules.ts <file>, which lists the files beside it
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as saccade from "../src/index.ts";
import { loadModuleCases } from "../test/modules/cases.ts";

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("say which file to write");
const directory = join(dirname(target), "modules");
mkdirSync(directory, { recursive: true });
await saccade.init({ variant: "simd" });
const records = (await loadModuleCases()).map((c, i) => {
  using module = c.make(saccade);
  const path = join(directory, `${i}.safetensors`);
  writeFileSync(path, saccade.saveSafetensors(module.stateDict()));
  return { name: c.name, torch: c.torch, path: path };
});
writeFileSync(target, JSON.stringify(records));
