// Command lines that can be pasted: how this program was started, and words quoted where the shell needs it.
import { basename, relative } from "node:path";

/** What a user types to start this program again: the installed command, or node with the script. */
export function programName(script: string, directory: string): string {
  if (!/\.[cm]?[jt]s$/.test(script)) return basename(script) || "saccade";
  const path = relative(directory, script);
  return `node ${quote(path.length < script.length ? path : script)}`;
}

/** A word as a POSIX shell reads it back; plain text in double quotes, which every shell takes. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./ -]* [\w@%+=:,./ -]*$/.test(word)) return `"${word}"`;
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function commandLine(program: string, words: readonly string[]): string {
  return [program, ...words.map(quote)].join(" ");
}
