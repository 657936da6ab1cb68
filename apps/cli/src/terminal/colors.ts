// When to colour: https://no-color.org first, then FORCE_COLOR, then whether the stream is a terminal.
// Decided per stream, because results (stdout) are often piped while progress (stderr) is watched.
import pc from "picocolors";

export type Colors = ReturnType<typeof pc.createColors>;

export interface ColorEnvironment {
  readonly NO_COLOR?: string;
  readonly FORCE_COLOR?: string;
  readonly TERM?: string;
}

export function wantsColor(isTTY: boolean, env: ColorEnvironment): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return isTTY && env.TERM !== "dumb";
}

export function colorsFor(isTTY: boolean, env: ColorEnvironment): Colors {
  return pc.createColors(wantsColor(isTTY, env));
}

/** A colour of the 256-colour palette, which every terminal of the last decades has. */
export function paint(colors: Colors, index: number, text: string): string {
  return colors.isColorSupported ? `\u001b[38;5;${index}m${text}\u001b[39m` : text;
}
