// node dist/lines.js BUNDLE.json: one record a line in, one judgement with its message a line out.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import type { Bundle, PatientRecord } from "./bundle.js";
import { judge } from "./evaluate.js";
import { message, speaking } from "./message.js";

interface Line {
  readonly record: PatientRecord;
  readonly country: string;
  readonly language: string;
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node dist/lines.js BUNDLE.json < RECORDS");
  process.exit(2);
}
const bundle = JSON.parse(readFileSync(path, "utf8")) as Bundle;
for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const line = JSON.parse(text) as Line;
  const judgement = judge(bundle, line.record);
  const spoken = speaking(bundle, judgement.findings);
  const told = spoken === undefined ? null : message(bundle, spoken, line.country, line.language);
  console.log(JSON.stringify({ ...judgement, message: told }));
}
