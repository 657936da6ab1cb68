// The command line of `npm run bench`.
import { parseArgs } from "node:util";
import { peerNamed, peerNames } from "./participants.ts";

export interface Command {
  readonly help: boolean;
  readonly suites: readonly string[];
  readonly programmes: readonly string[];
  readonly threads: readonly number[];
  readonly rounds: number;
  readonly peers: readonly string[];
  readonly filter: string;
  readonly json: boolean;
  readonly check: boolean;
  readonly write: boolean;
}

const options = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  check: { type: "boolean" },
  write: { type: "boolean" },
  threads: { type: "string", default: "1" },
  rounds: { type: "string", default: "15" },
  peers: { type: "string" },
  filter: { type: "string", default: "" },
} as const;

/** What the words ask for, or what is wrong with them. */
export function readCommand(
  words: readonly string[],
  suites: readonly string[],
  programmes: readonly string[],
): Command | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (error) {
    return `bench: ${(error as Error).message}`;
  }
  const { values, positionals } = parsed;
  const names =
    positionals.length === 0 ? ["gemm"] : positionals.flatMap((word) => (word === "all" ? suites : [word]));
  const unknown = names.find((name) => !suites.includes(name) && !programmes.includes(name));
  if (unknown !== undefined)
    return `bench: there is no suite "${unknown}": all, ${[...suites, ...programmes].join(", ")}`;
  const printing = names.filter((name) => programmes.includes(name));
  if (printing.length > 0 && (values.json || values.check || values.write))
    return `bench: ${printing.join(", ")} print text of their own, without --json, --check and --write`;
  const threads = numbersIn(values.threads);
  const rounds = numbersIn(values.rounds);
  if (threads === null)
    return `bench: --threads ${values.threads}: numbers of threads are wanted, as 1 or 1,2`;
  if (rounds?.length !== 1) return `bench: --rounds ${values.rounds}: a number of rounds is wanted`;
  const peers = peersIn(values.peers);
  if (typeof peers === "string") return peers;
  return {
    help: values.help ?? false,
    suites: names.filter((name) => suites.includes(name)),
    programmes: printing,
    threads,
    rounds: rounds[0],
    peers,
    filter: values.filter,
    json: values.json ?? false,
    check: values.check ?? false,
    write: values.write ?? false,
  };
}

const parse = (words: readonly string[]) => parseArgs({ args: [...words], options, allowPositionals: true });

/** "1,2" → [1, 2]; null when there is anything else than counts from 1 up. */
function numbersIn(text: string): number[] | null {
  const numbers = text.split(",").map((part) => (/^[1-9]\d*$/.test(part) ? Number(part) : Number.NaN));
  return numbers.every(Number.isSafeInteger) ? numbers : null;
}

function peersIn(text: string | undefined): readonly string[] | string {
  if (text === undefined) return peerNames;
  if (text === "none") return [];
  const words = text.split(",");
  const unknown = words.find((word) => peerNamed(word) === undefined);
  if (unknown !== undefined) return `bench: --peers ${unknown}: none, or some of ${peerNames.join(", ")}`;
  return words.map((word) => peerNamed(word) as string);
}

export function helpText(all: Readonly<Record<string, { readonly about: string }>>): string {
  const rows = Object.entries(all).map(([name, { about }]) => `  ${name.padEnd(13)} ${about}`);
  return `npm run bench [-- suite…] [options]          (without a suite: gemm; all: every one up to step)

${rows.join("\n")}

  --threads 1,2   threads of everybody; who offers fewer sits out. From 2 on, independent copies join (default 1)
  --peers a,b     only these of ${peerNames.join(", ")}; none: Saccade alone
  --rounds n      rounds in which all take turns (default 15)
  --filter text   only rows whose name contains the text
  --json          one JSON object on stdout; progress goes to stderr always
  --write         put the suites that ran into tools/bench/RESULTS.md
  --check         compare with goals.ts; status 1 when one is missed`;
}
