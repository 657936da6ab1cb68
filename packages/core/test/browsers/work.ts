// What browsers.test.ts runs in Node, in pages and in workers, always in the build that is bit-identical everywhere.
import {
  type EngineInfo,
  info,
  init,
  manualSeed,
  memory,
  nn,
  ones,
  optim,
  randint,
  randn,
  SaccadeError,
  scope,
  terminate,
} from "@saccade/core";
import { engine } from "../../src/engine.ts";

/** How an engine is started here; a page that may not make workers from text has a file for each. */
export interface Start {
  readonly threads: number;
  readonly workerFiles?: readonly string[];
}

export interface Outcome {
  readonly threads: number;
  readonly threadsReason: string;
  /** Whether a worker did a piece of it. */
  readonly shared: boolean;
  /** Losses, then all parameters. */
  readonly values: readonly number[];
  /** Tensors left behind. */
  readonly left: number;
}

function started({ threads, workerFiles }: Start): Promise<EngineInfo> {
  const files = workerFiles?.values();
  const createWorker = files && (() => new Worker(files.next().value as string, { type: "module" }));
  return init({ variant: "simd", threads, ...(createWorker && { createWorker }) });
}

/** Three steps of a small Transformer layer under a cross-entropy. */
export async function train(start: Start): Promise<Outcome> {
  const { threads, threadsReason } = await started(start);
  const { pool } = engine();
  if (pool !== null) pool.always = true;
  try {
    let values = steps();
    // On a busy machine the caller may be done before a worker is awake.
    for (let i = 0; i < 50 && pool?.beats === 0; i++) values = steps();
    return { threads, threadsReason, shared: (pool?.beats ?? 0) > 0, values, left: memory().liveTensors };
  } finally {
    terminate();
  }
}

function steps(): number[] {
  manualSeed(7);
  const layer = new nn.TransformerEncoderLayer(32, 4, { dimFeedforward: 48 });
  const head = new nn.Linear(32, 11);
  const model = new nn.Sequential(layer, head);
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
  const values: number[] = [];
  for (let step = 0; step < 3; step++)
    scope(() => {
      const [x, target] = [randn([3, 17, 32]), randint(0, 11, [51])];
      const loss = (model.forward(x) as ReturnType<typeof randn>).reshape([51, 11]).crossEntropy(target);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      values.push(loss.item());
    });
  for (const parameter of model.parameters()) values.push(...parameter.toTypedArray());
  optimizer.dispose();
  model.dispose();
  return values;
}

export interface Loss {
  readonly code: string;
  readonly name: string;
  /** What is computed behind it, before there are as many threads again. */
  readonly sum: number;
}

/** With a first worker that is stuck in exp. */
export async function loseWorker(start: Start): Promise<Loss> {
  const { threads, threadsReason } = await started(start);
  try {
    if (threads !== start.threads) throw new Error(threadsReason);
    const error = failure(() => scope(() => void ones([1 << 20]).exp()));
    const sum = scope(() => ones([1000]).sum().item());
    while (info().threads !== start.threads) await new Promise((later) => setTimeout(later, 20));
    return { code: error.code, name: error.name, sum };
  } finally {
    terminate();
  }
}

/** The error of one of many calls: on a busy machine the caller may do the first ones alone. */
function failure(body: () => unknown): SaccadeError {
  try {
    for (let i = 0; i < 5000; i++) body();
  } catch (error) {
    if (error instanceof SaccadeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
