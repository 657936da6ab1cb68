// Progress on stderr: a bar where stderr is a terminal, else a plain line now and then (a log that nobody
// redraws).
import cliProgress from "cli-progress";
import type { Colors } from "./colors.ts";
import { compact, duration } from "./format.ts";
import { sparkline } from "./sparkline.ts";
import type { Terminal } from "./terminal.ts";

/** What stands behind the bar; a caller fills in what it knows. */
export interface ProgressFields {
  readonly loss?: number;
  /** Losses so far, drawn as a small curve. */
  readonly losses?: readonly number[];
  readonly evalLoss?: number;
  readonly tokensPerSecond?: number;
}

export interface ProgressState extends ProgressFields {
  readonly label: string;
  readonly value: number;
  readonly total: number;
  /** Seconds to go. */
  readonly eta: number;
}

const BAR_WIDTH = 20;
const CURVE_WIDTH = 12;
const PLAIN_INTERVAL_MS = 5000;

/** A bar's line, at most `width` columns wide: what matters least is left out first. */
export function barLine(state: ProgressState, width: number, colors: Colors): string {
  const { label, value, total, losses } = state;
  const share = total > 0 ? Math.min(value / total, 1) : 1;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = colors.cyan("━".repeat(filled)) + colors.dim("─".repeat(BAR_WIDTH - filled));
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const curve = losses && losses.length > 1 ? sparkline(losses, CURVE_WIDTH) : "";
  // [importance, plain text, as shown]
  const parts: [number, string, string][] = fields(state).map(([importance, text]) => [
    importance,
    text,
    text,
  ]);
  if (curve) parts.splice(1, 0, [3, curve, colors.yellow(curve)]);
  const fixed = label.length + BAR_WIDTH + percent.length + 3;
  const length = (): number => parts.reduce((sum, [, plain]) => sum + plain.length + 2, fixed);
  while (parts.length > 0 && length() > width - 1) {
    const least = Math.min(...parts.map(([importance]) => importance));
    parts.splice(
      parts.findIndex(([importance]) => importance === least),
      1,
    );
  }
  return `${label} ${bar} ${percent}${parts.map(([, , shown]) => `  ${shown}`).join("")}`;
}

/** The same as one line of a log. */
export function plainLine(state: ProgressState): string {
  const { label, value, total } = state;
  return [`${label} ${value}/${total}`, ...fields(state).map(([, text]) => text)].join("  ");
}

/** [importance, text], in the order of showing. */
function fields({ loss, evalLoss, tokensPerSecond, eta, value, total }: ProgressState): [number, string][] {
  const shown: [number, string][] = [];
  if (loss !== undefined) shown.push([5, `loss ${loss.toFixed(3)}`]);
  if (evalLoss !== undefined) shown.push([1, `held-out ${evalLoss.toFixed(3)}`]);
  if (tokensPerSecond !== undefined) shown.push([2, `${compact(tokensPerSecond)} tokens/s`]);
  if (value < total && Number.isFinite(eta)) shown.push([4, `${duration(eta)} left`]);
  return shown;
}

/** Shows how far a long task is. `start` counts as done before (a resumed training). */
export class Progress {
  readonly #terminal: Terminal;
  readonly #label: string;
  readonly #total: number;
  readonly #start: number;
  readonly #began = performance.now();
  readonly #bar: cliProgress.SingleBar | null;
  #state: ProgressState;
  #lastLine = performance.now();

  constructor(terminal: Terminal, label: string, total: number, start = 0) {
    this.#terminal = terminal;
    this.#label = label;
    this.#total = total;
    this.#start = start;
    this.#state = { label, value: start, total, eta: Number.NaN };
    this.#bar = terminal.stderr.isTTY ? this.#openBar() : null;
    this.#bar?.start(total, start);
  }

  #openBar(): cliProgress.SingleBar {
    const format = (): string =>
      barLine(this.#state, this.#terminal.stderr.columns ?? 80, this.#terminal.noteColors);
    return new cliProgress.SingleBar({ format, stream: this.#terminal.stderr, hideCursor: true });
  }

  update(value: number, fields: ProgressFields = {}): void {
    const now = performance.now();
    const perUnit = (now - this.#began) / 1000 / Math.max(value - this.#start, 1);
    const eta = perUnit * (this.#total - value);
    this.#state = { ...this.#state, ...fields, label: this.#label, value, total: this.#total, eta };
    if (this.#bar) this.#bar.update(value);
    else if (now - this.#lastLine >= PLAIN_INTERVAL_MS) this.#line();
  }

  /** Ends the display, leaving the last state to be read; `clear` takes the bar away. */
  stop(options: { clear?: boolean } = {}): void {
    if (this.#bar) {
      this.#bar.stop();
      // One line up, and erase it: the bar ends with a line feed.
      if (options.clear) this.#terminal.stderr.write("\u001b[1A\u001b[2K\r");
    } else if (!options.clear) this.#line();
  }

  #line(): void {
    this.#lastLine = performance.now();
    this.#terminal.stderr.write(`${plainLine(this.#state)}\n`);
  }
}
