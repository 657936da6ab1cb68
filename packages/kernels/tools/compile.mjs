// One run of the AssemblyScript compiler in a worker thread, so that the builds compile side by side. Takes
// `{ root, entry, flags }`, posts `{ binary, messages }`; no binary means it failed and the messages say why.
import { parentPort, workerData } from "node:worker_threads";
import asc from "assemblyscript/asc";
import { hoistConstants } from "./hoist.mjs";

/** No allocator, no abort and no strings for it. Warning 112 is about v128 parameters, which abi.mjs refuses. */
const FLAGS =
  "-O3 --runtime stub --importMemory --noExportMemory --noAssert --use abort= --disableWarning 112";

const { root, entry, flags } = workerData;
const args = [FLAGS, ...flags].flatMap((flag) => flag.split(" "));
let binary;
const writeFile = (_name, contents) => {
  binary = contents;
};
const { error, stderr } = await asc.main([entry, "--baseDir", root, "--outFile", "kernels.wasm", ...args], {
  writeFile,
});
if (error === null) parentPort.postMessage({ binary: hoistConstants(binary), messages: stderr.toString() });
else parentPort.postMessage({ messages: `${stderr.toString()}${error.message}` });
