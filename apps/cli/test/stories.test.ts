import { HostRandom } from "@saccade/core";
import { expect, test } from "vitest";
import { riddle, stories, tale } from "../src/text/stories.ts";

test("the same seed tells the same tales, another seed others", () => {
  expect(stories(1, 20)).toBe(stories(1, 20));
  expect(stories(2, 20)).not.toBe(stories(1, 20));
  expect(stories(1, 20).split("\n")).toHaveLength(21);
});

test("no slot stays open, and sentences begin with capitals", () => {
  const text = stories(3, 500);
  expect(text).not.toMatch(/[{}]|undefined/);
  for (const line of text.trimEnd().split("\n")) expect(line).toMatch(/^[A-Z].*[."]$/);
});

test("who gives one away has one fewer, and one thing is not called things", () => {
  const gifts = stories(4, 1000)
    .split("\n")
    .filter((line) => / (gave|took) 1/.test(line));
  expect(gifts.length).toBeGreaterThan(100);
  for (const line of gifts) {
    const [, before] = /(\d) \w+ \w+s\./.exec(line) ?? [];
    const [, after, noun = ""] = / has (\d) \w+ (\w+)\.$/.exec(line) ?? [];
    expect(Number(after), line).toBe(Number(before) - 1);
    expect(noun.endsWith("s"), line).toBe(after !== "1");
  }
});

test("a riddle's answer is in what came before", () => {
  const random = new HostRandom(5);
  for (let i = 0; i < 200; i++) {
    const whole = tale(random);
    const { prompt, answer } = riddle(whole);
    expect(prompt + answer).toBe(whole);
    const colour = /\b(black|green|pink|red|white|yellow)\b/.exec(answer)?.[0];
    expect(prompt).toContain(`${colour} `);
  }
});
