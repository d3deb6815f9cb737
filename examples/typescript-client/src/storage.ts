// Where the state survives the end of the app. On a phone this is a table or a file of the platform;
// whatever it is, `save` must be all or nothing.

import { open, readFile, rename } from "node:fs/promises";

import type { State } from "./state.js";

export interface Storage {
  /** What was saved last, if anything was. */
  load(): Promise<State | undefined>;
  /** Ends when the state is safe; calls do not overlap. */
  save(state: State): Promise<void>;
}

/** A JSON file, replaced as a whole: after a crash it holds the old state or the new one. */
export class FileStorage implements Storage {
  constructor(private readonly path: string) {}

  async load(): Promise<State | undefined> {
    try {
      return JSON.parse(await readFile(this.path, "utf8")) as State;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async save(state: State): Promise<void> {
    const file = await open(`${this.path}.new`, "w", 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.path}.new`, this.path);
  }
}
