// Who takes part: names, what has to be there, and where the code is. A browser-only library joins with a program that
// speaks protocol.ts and drives a page.
import type { Open } from "./participant.ts";

export interface Entry {
  /** Other names on the command line. */
  readonly aliases: readonly string[];
  /** Lives in peers/node_modules, or needs Python with torch, or comes with the repository. */
  readonly needs: "npm" | "python" | "nothing";
  load(): Promise<{ readonly open: Open }>;
}

const inPython = (): never => {
  throw new Error("pytorch is a Python program: peers/pytorch.py");
};

export const participants: Readonly<Record<string, Entry>> = {
  saccade: { aliases: [], needs: "nothing", load: () => import("./peers/saccade.ts") },
  limits: { aliases: [], needs: "nothing", load: () => import("./peers/limits.ts") },
  "onnxruntime-web": {
    aliases: ["ort", "onnxruntime"],
    needs: "npm",
    load: () => import("./peers/onnxruntime.ts"),
  },
  "tfjs-wasm": { aliases: ["tfjs", "tf"], needs: "npm", load: () => import("./peers/tfjs.ts") },
  "jax-js": { aliases: ["jax"], needs: "npm", load: () => import("./peers/jax.ts") },
  pytorch: { aliases: ["torch"], needs: "python", load: inPython },
};

export const peerNames: readonly string[] = Object.keys(participants).filter(
  (name) => name !== "saccade" && name !== "limits",
);

/** The full name of a peer, or undefined. */
export function peerNamed(word: string): string | undefined {
  return peerNames.find((name) => name === word || participants[name].aliases.includes(word));
}
