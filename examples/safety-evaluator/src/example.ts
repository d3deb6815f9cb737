// node dist/example.js BUNDLE.json: a report is made with no network, and the patient is told.

import { readFileSync } from "node:fs";

import { differences, evaluate, message, speaking, type Bundle, type PatientRecord } from "./index.js";

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("usage: node dist/example.js BUNDLE.json");
const bundle = JSON.parse(readFileSync(path, "utf8")) as Bundle;
if (differences(bundle).length > 0) throw new Error("keep the bundle before this one");

const record: PatientRecord = {
  age: 52,
  history: [],
  pain_reports: [
    {
      id: "018f9a00-0000-7000-8000-000000000001",
      occurred_at: "2026-05-18T20:15:00+01:00",
      local_date: "2026-05-18",
      site: "back",
      kind: "avg24",
      score: 3,
    },
  ],
  symptom_reports: [
    {
      id: "018f9a00-0000-7000-8000-000000000002",
      occurred_at: "2026-05-20T07:40:00+01:00",
      local_date: "2026-05-20",
      symptoms: [{ code: "S-TINGLE-LEG", present: true, attrs: { laterality: "both", severity: "mild" } }],
      answered_no: ["S-SADDLE"],
    },
  ],
};

const spoken = speaking(bundle, evaluate(bundle, record));
if (spoken !== undefined) {
  const { level, title, message: text } = message(bundle, spoken, "GB", "en");
  console.log(`${level}: ${title}\n${text}`);
}
