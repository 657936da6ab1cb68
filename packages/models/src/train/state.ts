// The state of a training run in one file, training_state.safetensors: weights, optimizer moments, and in the metadata
// the step and the random counters. One file and one rename, so that a run killed at any moment resumes from a whole
// state, and ends with the bits of a run that was not killed.
import {
  files,
  loadSafetensors,
  type nn,
  type optim,
  randomState,
  SaccadeError,
  setRandomState,
} from "@saccade/core";
import { makeDirectory, writeSafetensors } from "../checkpoint/save.ts";
import { checkpointSource } from "../checkpoint/source.ts";

const FILE = "training_state.safetensors";

export interface TrainingState {
  readonly step: number;
  /** Words drawn for batches. */
  readonly counter: number;
  /** Of the text, and the options: a run resumes only with the same. */
  readonly textHash: number;
  readonly options: Readonly<Record<string, number>>;
}

type AnyOptimizer = optim.Optimizer<optim.CommonOptions>;

export async function writeState(
  directory: string,
  state: TrainingState,
  model: nn.Module,
  optimizer: AnyOptimizer,
): Promise<void> {
  await makeDirectory(directory);
  const tensors = new Map([
    ...[...model.namedParameters()].map(([name, tensor]) => [`model.${name}`, tensor] as const),
    ...[...optimizer.stateDict()].map(([name, tensor]) => [`optimizer.${name}`, tensor] as const),
  ]);
  const metadata = { state: JSON.stringify(state), random: JSON.stringify(randomState()) };
  await writeSafetensors(`${directory}/${FILE}`, tensors, metadata);
}

/** Fills model and optimizer; an error when the state is of a run with other options or another text. */
export async function readState(
  directory: string,
  own: TrainingState,
  model: nn.Module,
  optimizer: AnyOptimizer,
): Promise<TrainingState> {
  const path = `${directory}/${FILE}`;
  const bytes = await readAll(directory);
  const { metadata } = files.parseHeader(
    bytes.subarray(8, 8 + files.headerLength(bytes, bytes.length, path)),
    bytes.length,
    path,
  );
  if (metadata.state === undefined || metadata.random === undefined) {
    throw new SaccadeError("file", `${path}: holds no training state`);
  }
  const state = JSON.parse(metadata.state) as TrainingState;
  checkSame(path, own, state);
  const tensors = loadSafetensors(bytes, { file: path });
  try {
    const part = (prefix: string) =>
      new Map(
        [...tensors]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, x]) => [name.slice(prefix.length), x]),
      );
    model.loadStateDict(withTied(model, part("model.")));
    optimizer.loadStateDict(part("optimizer."), state.step);
    setRandomState(JSON.parse(metadata.random));
  } finally {
    for (const x of tensors.values()) x.dispose();
  }
  return state;
}

/** Shared parameters stand in the file once; give them all their names. */
function withTied<T>(model: nn.Module, state: Map<string, T>): Map<string, T> {
  const first = new Map([...model.namedParameters()].map(([name, parameter]) => [parameter, name]));
  for (const [name, parameter] of model.namedParameters({ removeDuplicate: false })) {
    const shared = state.get(first.get(parameter) ?? "");
    if (shared !== undefined) state.set(name, shared);
  }
  return state;
}

async function readAll(directory: string): Promise<Uint8Array> {
  const source = checkpointSource(directory);
  const size = await source.size(FILE);
  if (size === null) {
    throw new SaccadeError(
      "file",
      `${directory}: there is no ${FILE} to resume from; train without resume first`,
    );
  }
  const open = await source.open(FILE);
  try {
    return await open.read(0, size);
  } finally {
    await open.close();
  }
}

function checkSame(path: string, own: TrainingState, saved: TrainingState): void {
  if (own.textHash !== saved.textHash) {
    throw new SaccadeError(
      "config",
      `${path}: was trained on another text; resume with the one it began with`,
    );
  }
  const names = new Set([...Object.keys(own.options), ...Object.keys(saved.options)]);
  for (const name of names) {
    if (own.options[name] === saved.options[name]) continue;
    throw new SaccadeError(
      "config",
      `${path}: was trained with ${name} ${saved.options[name]}, now it is ${own.options[name]}; resume with the same options`,
    );
  }
}
