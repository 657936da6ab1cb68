// Writes every case PyTorch can judge as JSON, for tools/oracle/ops.py: the expression, attributes as a Python literal,
// inputs and cotangents as base64 of little-endian float64.
//   node --conditions=@saccade/source packages/core/tools/export-cases.ts <file>
import { writeFileSync } from "node:fs";
import type { RefInput } from "../src/reference.ts";
import { digest, isLeaf, loadCases, pythonLiteral } from "../test/parity/cases.ts";

function exported(x: RefInput) {
  if (x === null) return null;
  const bytes = Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength);
  return { dtype: x.dtype, shape: x.shape, data: bytes.toString("base64") };
}

const [target] = process.argv.slice(2);
if (target === undefined) throw new Error("say which file to write");
const cases = (await loadCases()).filter(({ sample }) => sample.torch !== false);
const records = cases.map((c) => ({
  file: c.file,
  name: c.name,
  digest: digest(c),
  torch: c.ref.torch,
  attrs: pythonLiteral(c.sample.attrs),
  names: c.ref.inputs,
  inputs: c.inputs.map(exported),
  leaves: c.inputs.map((_, i) => isLeaf(c.ref, c.inputs, i)),
  cotangents: c.cotangents.map(exported),
  shapes: c.expected.map(({ shape }) => shape),
}));
writeFileSync(target, JSON.stringify(records));
