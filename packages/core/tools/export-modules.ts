// Writes the module cases as JSON, for tools/oracle/modules.py: constructor and call as Python, inputs as base64 of
// little-endian float64.
//   node --conditions=@saccade/source packages/core/tools/export-modules.ts <file>
import { writeFileSync } from "node:fs";
import { digest, inputName, loadModuleCases, torchCallOf } from "../test/modules/cases.ts";

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("say which file to write");
const records = (await loadModuleCases()).map((c) => ({
  file: c.file,
  name: c.name,
  digest: digest(c),
  torch: c.torch,
  call: torchCallOf(c),
  training: c.training === true,
  inputs: c.inputs.map(({ dtype, shape, data }, i) => ({
    name: inputName(i),
    dtype,
    shape,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64"),
  })),
}));
writeFileSync(target, JSON.stringify(records));
