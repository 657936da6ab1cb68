// `npm run bench [-- suite…]`: Saccade beside other libraries, all in processes of their own that take turns round by round,
// reported as ratios within one run and as shares of what loops reach in the same rounds. --help tells the rest.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { root } from "../project.ts";
import { turbo } from "../turbo.ts";
import { verdictsOf, verdictText } from "./goals.ts";
import { installPeers, thisMachine } from "./machine.ts";
import { type Command, helpText, readCommand } from "./options.ts";
import { participants } from "./participants.ts";
import { resultsFile, type SuiteReport, terminalText } from "./report.ts";
import { runSuite } from "./run.ts";
import { type Programme, programmes, suites } from "./suites.ts";

const programs = programmes(`${root}../shared/data/tiny_shakespeare/input.txt`);
const tell = (line: string): void => console.error(line);

/** Status of a measurement that is a program of its own. */
function runProgramme(name: string, { workspace, program, args, file }: Programme): number {
  if (file !== undefined && !existsSync(file)) {
    tell(`bench ${name}: ${file} is not there`);
    return 1;
  }
  const command = ["--conditions=@saccade/source", program, ...args];
  return spawnSync(process.execPath, command, { cwd: root + workspace, stdio: "inherit" }).status ?? 1;
}

/** Runs turbo's task, whose talk is no result. */
function made(task: "wasm" | "build"): void {
  const status = turbo(["run", task, "--output-logs=errors-only"], 2);
  if (status !== 0) throw new Error(`turbo run ${task} ended with status ${status}`);
}

/** What has to be there before the first suite starts. */
function getReady(names: readonly string[], peers: readonly string[]): void {
  const wanted = names.flatMap((name) => suites[name].peers).filter((peer) => peers.includes(peer));
  if (wanted.some((peer) => participants[peer].needs === "npm")) installPeers(tell);
  if (names.some((name) => suites[name].built)) made("build");
}

async function measure(command: Command): Promise<SuiteReport[]> {
  const reports: SuiteReport[] = [];
  for (const name of command.suites) {
    for (const threads of command.threads) {
      const report = await runSuite(name, suites[name], { ...command, threads, tell });
      if (report === null) continue;
      reports.push(report);
      if (!command.json) console.log(`\n${terminalText(report)}\n`);
    }
  }
  return reports;
}

async function main(words: readonly string[]): Promise<number> {
  const command = readCommand(words, Object.keys(suites), Object.keys(programs));
  if (typeof command === "string") {
    tell(command);
    return 2;
  }
  if (command.help) {
    console.log(helpText({ ...suites, ...programs }));
    return 0;
  }
  made("wasm");
  for (const name of command.programmes) {
    const status = runProgramme(name, programs[name]);
    if (status !== 0) return status;
  }
  if (command.suites.length === 0) return 0;
  getReady(command.suites, command.peers);
  const machine = thisMachine();
  const reports = await measure(command);
  const verdicts = verdictsOf(reports);
  if (command.write) {
    const file = fileURLToPath(new URL("RESULTS.md", import.meta.url));
    writeFileSync(file, resultsFile(existsSync(file) ? readFileSync(file, "utf8") : "", reports, machine));
    tell("written: tools/bench/RESULTS.md");
  }
  if (command.json) console.log(JSON.stringify({ machine, suites: reports, goals: verdicts }));
  else if (command.check) console.log(verdictText(verdicts));
  return command.check && verdicts.some(({ state }) => state === "missed") ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  tell(`bench: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
