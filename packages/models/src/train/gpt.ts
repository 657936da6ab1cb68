// Training a small GPT on a text, character by character: nanoGPT's recipe with GPT-2's biases, so that what it writes is
// a GPT-2 checkpoint that Python's transformers loads unchanged. An async iterable of progress; stops cleanly on a signal.
import {
  HostRandom,
  manualSeed,
  nn,
  noGrad,
  optim,
  SaccadeError,
  scope,
  type Tensor,
  tensor,
} from "@saccade/core";
import { checkWritable } from "../checkpoint/save.ts";
import { nextTask } from "../generation/step.ts";
import { type GPT2Config, GPT2LMHeadModel } from "../gpt2.ts";
import { characterTokenizer, type PreTrainedTokenizer } from "../tokenizer.ts";
import { readState, type TrainingState, writeState } from "./state.ts";

/** nanoGPT's published CPU configuration. */
const defaults = {
  steps: 2000,
  batchSize: 12,
  blockSize: 64,
  layers: 4,
  heads: 4,
  width: 128,
  dropout: 0,
  lr: 1e-3,
  minLr: 1e-4,
  warmupSteps: 100,
  beta2: 0.99,
  weightDecay: 0.1,
  clip: 1,
  seed: 0,
  evalInterval: 250,
  checkpointInterval: 250,
};

export interface TrainGptOptions extends Partial<typeof defaults> {
  readonly text: string;
  /** Where the checkpoint and the training state go; nothing is written without it. */
  readonly outDir?: string;
  /** Go on from the training state in outDir. */
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
}

export interface TrainProgress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  /** Mean cross-entropy of the step's batch, in nats per character. */
  readonly loss: number;
  readonly lr: number;
  readonly tokensPerSecond: number;
  /** Loss on up to 20 batches of held-out text; at the end on all of it. */
  readonly evalLoss?: number;
  /** Set when a checkpoint was written. */
  readonly savedTo?: string;
}

/** Options with defaults filled in. */
type Plan = typeof defaults & { readonly outDir?: string; readonly signal?: AbortSignal };

/** A training run: the model, its data, and what changes from step to step. */
export class GptTraining {
  readonly plan: Plan;
  readonly tokenizer: PreTrainedTokenizer;
  readonly model: GPT2LMHeadModel;
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly #optimizer: optim.AdamW;
  readonly #schedule: optim.Schedule;
  readonly #textHash: number;
  #random: HostRandom;
  step = 0;

  constructor({ text, resume: _, ...options }: TrainGptOptions) {
    this.plan = checkPlan({ ...defaults, ...definedOf(options) });
    const { seed, lr, minLr, warmupSteps, steps, beta2, weightDecay } = this.plan;
    this.#textHash = hash(text);
    this.tokenizer = characterTokenizer(text);
    const ids = Int32Array.from(this.tokenizer.encode(text));
    const cut = Math.floor(0.9 * ids.length);
    this.train = ids.subarray(0, cut);
    this.validation = ids.subarray(cut);
    checkLength(this.train.length, this.validation.length, this.plan.blockSize);
    manualSeed(seed);
    const config = configFor(this.plan, this.tokenizer.vocabSize);
    this.model = nn.build(() => new GPT2LMHeadModel(config).train());
    this.#random = new HostRandom(seed);
    this.#schedule = optim.cosineWithWarmup({ lr, minLr, warmupSteps, totalSteps: steps });
    const all = this.model.parameters();
    const groups = [
      { params: all.filter(({ rank }) => rank >= 2), weightDecay },
      { params: all.filter(({ rank }) => rank < 2), weightDecay: 0 },
    ];
    this.#optimizer = new optim.AdamW(groups, { lr, betas: [0.9, beta2] });
  }

  /** Learning rate of the next step. */
  get lr(): number {
    return this.#schedule(this.step);
  }

  /** First positions of the next batch; draws from the run's random sequence. */
  nextOffsets(): number[] {
    const limit = this.train.length - this.plan.blockSize;
    return Array.from({ length: this.plan.batchSize }, () => this.#random.integer(limit));
  }

  /** One step of gradient descent; the loss before it. */
  advance(offsets: readonly number[] = this.nextOffsets()): number {
    for (const group of this.#optimizer.groups) group.lr = this.lr;
    const loss = scope(() => {
      const value = this.#loss(this.train, offsets, "mean");
      value.backward();
      return value.item();
    });
    if (!Number.isFinite(loss)) {
      throw new SaccadeError(
        "nanLoss",
        `train gpt: the loss is ${loss} at step ${this.step}; try a smaller lr than ${this.lr} or a longer warm-up`,
      );
    }
    optim.clipGradNorm(this.model.parameters(), this.plan.clip);
    this.#optimizer.step();
    this.#optimizer.zeroGrad();
    this.step++;
    return loss;
  }

  /** Mean loss per character over blocks of the held-out text: all of it, or `blocks` spread evenly. */
  evaluate(blocks?: number): number {
    const { blockSize } = this.plan;
    const predicted = this.validation.length - 1;
    const starts = Array.from({ length: Math.ceil(predicted / blockSize) }, (_, i) => i * blockSize);
    const wholeBlocks = starts.filter((start) => start + blockSize <= predicted);
    if (blocks !== undefined && blocks < wholeBlocks.length) {
      const spread = Array.from(
        { length: blocks },
        (_, i) => wholeBlocks[Math.floor((i * wholeBlocks.length) / blocks)],
      );
      return this.#totalLoss(spread) / (blocks * blockSize);
    }
    this.model.eval();
    const rest = starts.length > wholeBlocks.length ? starts.slice(-1) : [];
    return (this.#totalLoss(wholeBlocks) + this.#totalLoss(rest)) / predicted;
  }

  /** Summed loss of blocks that begin at `starts`. */
  #totalLoss(starts: readonly number[]): number {
    this.model.train(false);
    let total = 0;
    for (let at = 0; at < starts.length; at += 64) {
      const part = starts.slice(at, at + 64);
      total += noGrad(() => scope(() => this.#loss(this.validation, part, "sum").item()));
    }
    this.model.train();
    return total;
  }

  /** Loss of predicting each character behind those of blocks that begin at `starts`. */
  #loss(ids: Int32Array, starts: readonly number[], reduction: "mean" | "sum"): Tensor {
    const size = Math.min(this.plan.blockSize, ids.length - 1 - starts[0]);
    const shape = [starts.length, size];
    const block = (shift: number): Tensor => {
      const values = new Int32Array(starts.length * size);
      for (const [i, start] of starts.entries())
        values.set(ids.subarray(start + shift, start + shift + size), i * size);
      return tensor(values, { shape });
    };
    const { logits } = this.model.forward(block(0)); //                          (B, T, V)
    return logits.view([-1, logits.size(-1)]).crossEntropy(block(1).view([-1]), { reduction });
  }

  /** Writes the checkpoint, its tokenizer and the state to resume from. */
  async save(outDir: string): Promise<void> {
    await writeState(outDir, this.#state(), this.model, this.#optimizer);
    await this.tokenizer.savePretrained(outDir);
    await this.model.savePretrained(outDir);
  }

  /** Takes up the state that `save` wrote. */
  async restore(outDir: string): Promise<void> {
    const state = await readState(outDir, this.#state(), this.model, this.#optimizer);
    this.step = state.step;
    this.#random = new HostRandom(this.plan.seed, state.counter);
  }

  #state(): TrainingState {
    const { outDir: _, signal: __, evalInterval: ___, checkpointInterval: ____, ...options } = this.plan;
    return { step: this.step, counter: this.#random.state.counter, textHash: this.#textHash, options };
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.model.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Trains and yields progress after every step; writes checkpoints when `outDir` is given. */
export async function* trainGpt(options: TrainGptOptions): AsyncGenerator<TrainProgress, void, undefined> {
  const { outDir, resume, signal } = options;
  // An unwritable directory is found before the work, not after it.
  if (outDir !== undefined) await checkWritable(outDir);
  const run = new GptTraining(options);
  try {
    if (resume && outDir !== undefined) {
      await run.restore(outDir);
      // A run killed between its last state and its checkpoint has nothing left to do but to write that.
      if (run.step === run.plan.steps) await run.save(outDir);
    }
    yield* loop(run, signal);
  } finally {
    run.dispose();
  }
}

async function* loop(run: GptTraining, signal?: AbortSignal): AsyncGenerator<TrainProgress, void, undefined> {
  const { steps, batchSize, blockSize, evalInterval, checkpointInterval, outDir } = run.plan;
  const speed = new Speed(batchSize * blockSize);
  signal?.throwIfAborted();
  while (run.step < steps) {
    const { lr } = run;
    const loss = run.advance();
    const tokensPerSecond = speed.tick();
    const last = run.step === steps;
    const stopping = signal?.aborted ?? false;
    const due = (interval: number): boolean => interval > 0 && run.step % interval === 0;
    const evalLoss = last ? run.evaluate() : due(evalInterval) ? run.evaluate(20 * batchSize) : undefined;
    const saving = outDir !== undefined && (last || stopping || due(checkpointInterval));
    if (saving) await run.save(outDir);
    yield {
      step: run.step,
      steps,
      loss,
      lr,
      tokensPerSecond,
      evalLoss,
      savedTo: saving ? outDir : undefined,
    };
    if (stopping) signal?.throwIfAborted(); // the consumer has seen where it was saved; a later signal gets another step
    await nextTask();
    speed.start();
  }
}

/** Tokens per second, smoothed over about 20 steps. */
class Speed {
  readonly #tokens: number;
  #started = performance.now();
  #seconds = 0;

  constructor(tokens: number) {
    this.#tokens = tokens;
  }

  start(): void {
    this.#started = performance.now();
  }

  tick(): number {
    const seconds = (performance.now() - this.#started) / 1000;
    this.#seconds = this.#seconds === 0 ? seconds : 0.95 * this.#seconds + 0.05 * seconds;
    return this.#tokens / this.#seconds;
  }
}

function configFor(plan: Plan, vocabSize: number): Partial<GPT2Config> {
  const { blockSize, width, layers, heads, dropout } = plan;
  return {
    vocab_size: vocabSize,
    n_positions: blockSize,
    n_embd: width,
    n_layer: layers,
    n_head: heads,
    resid_pdrop: dropout,
    embd_pdrop: dropout,
    attn_pdrop: dropout,
    bos_token_id: null,
    eos_token_id: null,
  };
}

function checkPlan(plan: Plan): Plan {
  for (const name of ["steps", "batchSize", "blockSize", "layers", "heads", "width"] as const) {
    if (!Number.isInteger(plan[name]) || plan[name] < 1) {
      throw new SaccadeError("argument", `train gpt: ${name} is ${plan[name]}, it must be an integer >= 1`);
    }
  }
  if (!(plan.lr > 0)) throw new SaccadeError("argument", `train gpt: lr is ${plan.lr}, it must be above 0`);
  return plan;
}

/** FNV-1a over UTF-16 code units: tells a text from another when a run resumes. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

function checkLength(train: number, validation: number, blockSize: number): void {
  if (train > blockSize && validation > 1) return;
  throw new SaccadeError(
    "argument",
    `train gpt: the text has ${train + validation} characters; its first 90 % must be more than a block of ${blockSize}`,
  );
}

function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
