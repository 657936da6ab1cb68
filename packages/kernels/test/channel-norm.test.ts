// Statistics of planes in groups, and what is made of them, against float64; cut at every group and plane.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const values = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 41) % 23) / 5 + 3));
const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
const near = (got: number, wanted: number): void =>
  expect(Math.abs(got - wanted)).toBeLessThanOrEqual(2e-5 * (1 + Math.abs(wanted)));

forEachBuild((_, k, arena) => {
  test.for([1, 3, 4, 7, 8, 16, 17, 33, 65])("planes of %i elements", (S) => {
    const [N, C, eps] = [3, 4, 0.125];
    // [share, groups, distance of groups, runs and their distance, length of a run]
    const forms = [
      [1, C, S, N, C * S, S],
      [2, (N * C) / 2, 2 * S, 1, 0, 2 * S],
    ] as const;
    for (const [share, groups, step, runs, runStep, length] of forms) {
      const [data, slopes] = [values(N * C * S), values(N * C * S).map((v, i) => (i % 3) - v / 5)];
      const groupOf = (i: number): number => Math.floor(Math.floor(i / S) / share) % groups;
      const [x, dy] = [arena.f32(data), arena.f32(slopes)];
      const [mean, variance, rstd] = [arena.f32(groups), arena.f32(groups), arena.f32(groups)];
      const moments = (begin: number, end: number): void =>
        k.group_moments_f32(mean, variance, rstd, x, step, runs, runStep, length, eps, begin, end);
      arena.everySplit(groups, moments, mean, variance, rstd);
      const members = Array.from({ length: groups }, (_, g) => [...data].filter((_, i) => groupOf(i) === g));
      const means = members.map((list) => sum(list) / list.length);
      const variances = members.map((list, g) => sum(list.map((v) => (v - means[g]) ** 2)) / list.length);
      for (const [g, got] of arena.read(mean).entries()) near(got, means[g]);
      for (const [g, got] of arena.read(variance).entries()) near(got, variances[g]);

      const [w, b] = [values(C), values(C).map((v) => 4 - v)];
      const affine = [arena.f32(w), arena.f32(b)] as const;
      const y = arena.f32(N * C * S);
      const forward = (begin: number, end: number): void =>
        k.channel_norm_f32(y, x, mean, rstd, ...affine, C, S, share, groups, begin, end);
      arena.everySplit(N * C, forward, y);
      const xhat = (i: number): number =>
        (data[i] - means[groupOf(i)]) / Math.sqrt(variances[groupOf(i)] + eps);
      const channel = (i: number): number => Math.floor(i / S) % C;
      for (const [i, got] of arena.read(y).entries()) near(got, xhat(i) * w[channel(i)] + b[channel(i)]);

      const [total, cross] = [arena.f32(N * C), arena.f32(N * C)];
      const sums = (begin: number, end: number): void =>
        k.channel_norm_sums_f32(total, cross, dy, x, mean, rstd, S, share, groups, begin, end);
      arena.everySplit(N * C, sums, total, cross);
      for (let p = 0; p < N * C; p++) {
        const plane = Array.from({ length: S }, (_, i) => p * S + i);
        near(arena.read(total)[p], sum(plane.map((i) => slopes[i])));
        near(arena.read(cross)[p], sum(plane.map((i) => slopes[i] * xhat(i))));
      }

      const [a, c] = [values(groups).map((v) => v / 9), values(groups).map((v) => 1 - v / 7)];
      const dx = arena.f32(new Float32Array(N * C * S).fill(2));
      const averages = [arena.f32(a), arena.f32(c)] as const;
      const backward = (begin: number, end: number): void =>
        k.channel_norm_backward_f32(
          dx,
          dy,
          x,
          mean,
          rstd,
          affine[0],
          ...averages,
          C,
          S,
          share,
          groups,
          1,
          begin,
          end,
        );
      arena.everySplit(N * C, backward, dx);
      for (const [i, got] of arena.read(dx).entries()) {
        const g = groupOf(i);
        const slope = slopes[i] * w[channel(i)] - a[g] - xhat(i) * c[g];
        near(got, 2 + slope / Math.sqrt(variances[g] + eps));
      }
      arena.reset();
    }
  });
});
