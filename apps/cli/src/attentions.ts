// The attention weights of a model over a sequence, as numbers to draw or to write.
import { noGrad, scope, tensor } from "@saccade/core";
import type { LoadedModel } from "./checkpoint.ts";
import type { AttentionMap } from "./terminal/attention.ts";

export interface Attentions {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
  /** layers[layer][head][query][key] */
  readonly layers: readonly (readonly AttentionMap[])[];
}

/** Runs the model over `ids` (as many as its context holds) and returns what every head looked at. */
export function attentionsOf({ model, tokenizer }: LoadedModel, ids: readonly number[]): Attentions {
  const seen = ids.slice(0, model.maxPositions);
  const layers = noGrad(() =>
    scope(() => {
      const { attentions = [] } = model.forward(tensor([seen], { dtype: "i32" }), { outputAttentions: true });
      return attentions.map((pattern) => heads(pattern.toTypedArray(), pattern.shape)); // (1, H, T, S)
    }),
  );
  return { ids: seen, tokens: seen.map((id) => tokenizer.decode([id])), layers };
}

/** The mean over heads, for a first look. */
export function averageHeads(heads: readonly AttentionMap[]): AttentionMap {
  const [first = []] = heads;
  const mean = (query: number, key: number): number =>
    heads.reduce((sum, head) => sum + (head[query]?.[key] ?? 0), 0) / heads.length;
  return first.map((row, query) => row.map((_, key) => mean(query, key)));
}

/**
 * The head whose weights lie furthest from the diagonal, at one query or over all. The first token does not
 * count: heads rest there when they find nothing.
 */
export function furthestHead(layers: Attentions["layers"], query?: number): { layer: number; head: number } {
  const all = layers.flatMap((heads, layer) =>
    heads.map((map, head) => ({
      layer,
      head,
      reach: reach(map, query === undefined ? [...map.keys()] : [query]),
    })),
  );
  const { layer, head } = all.reduce((best, other) => (other.reach > best.reach ? other : best));
  return { layer, head };
}

/** Mean distance looked back at these queries. */
function reach(map: AttentionMap, queries: readonly number[]): number {
  const distance = (query: number): number =>
    (map[query] ?? []).reduce((sum, weight, key) => (key === 0 ? sum : sum + weight * (query - key)), 0);
  return queries.reduce((sum, query) => sum + distance(query), 0) / queries.length;
}

/** First token of each word; a space belongs to the word behind it, a line feed stands alone. */
export function wordStarts(tokens: readonly string[]): number[] {
  const begins = (token: string, i: number): boolean =>
    i === 0 || /^\s/.test(token) || /(\n|\S\s)$/.test(tokens[i - 1] ?? "");
  return tokens.flatMap((token, i) => (begins(token, i) ? [i] : []));
}

/**
 * The map between words: what a word's tokens give, on average, to all tokens of another. Rows stay
 * distributions.
 */
export function joinWords(map: AttentionMap, starts: readonly number[]): AttentionMap {
  const ends = [...starts.slice(1), map.length];
  const sum = (row: readonly number[], word: number): number =>
    row.slice(starts[word], ends[word]).reduce((total, weight) => total + weight, 0);
  return starts.map((start, query) => {
    const rows = map.slice(start, ends[query]);
    return starts.map((_, key) => rows.reduce((total, row) => total + sum(row, key), 0) / rows.length);
  });
}

/** Six digits are more than a drawing needs, and halve the file. */
const round = (weight: number): number => Math.round(weight * 1e6) / 1e6;

function heads(weights: ArrayLike<number>, [, H = 0, T = 0, S = 0]: readonly number[]): AttentionMap[] {
  const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
  return range(H).map((h) =>
    range(T).map((t) => range(S).map((s) => round(weights[(h * T + t) * S + s] ?? 0))),
  );
}
