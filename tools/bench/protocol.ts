// The lines between the parent and a participant's process.
import type { Checksum } from "./data.ts";
import type { Limit, Task } from "./tasks.ts";

/** Begins every answer; anything else on stdout is the library's talk. */
export const MARK = "@bench ";

export interface Request {
  readonly prepare?: Task | Limit;
  readonly time?: true;
  readonly finish?: true;
}

export interface Response {
  readonly version?: string;
  readonly threads?: number;
  readonly threadsReason?: string;
  readonly checksum?: Checksum;
  readonly amount?: number;
  readonly ms?: number;
  readonly unsupported?: string;
  readonly failed?: string;
}
