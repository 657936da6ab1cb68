// The loops that show what the machine can do at most, in Saccade's own build of them.
import { createMemory, instantiateKernels, Probes } from "@saccade/kernels";
import { type Open, prepareFrom } from "../participant.ts";

export const open: Open = async ({ variant }) => {
  const { memory, maximumBytes } = createMemory();
  const built = await instantiateKernels({ variant, memory });
  const probes = new Probes(built.kernels, memory, maximumBytes);
  return {
    version: built.variant,
    threads: 1,
    threadsReason: "a loop is one thread; several run side by side",
    prepare: (task) => prepareFrom({ limit: ({ loop, elements }) => probes.open(loop, elements) }, task),
  };
};
