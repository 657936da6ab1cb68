// A training run in a process of its own, for train.test.ts to kill: trainWorker.ts OPTIONS RESUME
import { init } from "@saccade/core";
import { trainGpt } from "@saccade/models";

const [options, resume] = process.argv.slice(2);
await init({ variant: "simd", development: false });
for await (const { step } of trainGpt({ ...JSON.parse(options), resume: resume === "true" }))
  console.log(step);
