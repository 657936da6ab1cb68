// What tests of checkpoints share: a model's logits, loading for them, and what loading fails with.
import { SaccadeError, scope } from "@saccade/core";
import { type CheckpointLocation, GPT2LMHeadModel } from "@saccade/models";
import { expect } from "vitest";
import { live } from "./engine.ts";
import { Fixture } from "./fixture.ts";

const forward = new Fixture("forward");

export function logitsOf(model: GPT2LMHeadModel): Float32Array {
  return scope(() => model.forward(forward.input("input_ids")).logits.toTypedArray() as Float32Array);
}

export async function load(location: CheckpointLocation): Promise<Float32Array> {
  using model = await GPT2LMHeadModel.fromPretrained(location);
  return logitsOf(model);
}

/** The message of the SaccadeError that loading ends with; memory must be where it was. */
export async function failure(loading: () => Promise<unknown>): Promise<string> {
  const before = live();
  const error = await loading().then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SaccadeError);
  expect(live()).toEqual(before);
  return (error as SaccadeError).message;
}
