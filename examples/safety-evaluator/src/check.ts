// node dist/check.js BUNDLE.json: exit 0 if every test vector comes out as the server says.

import { readFileSync } from "node:fs";

import type { Bundle } from "./bundle.js";
import { differences } from "./vectors.js";

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node dist/check.js BUNDLE.json");
  process.exit(2);
}
const bundle = JSON.parse(readFileSync(path, "utf8")) as Bundle;
const different = differences(bundle);
for (const text of different) console.error(text);
console.log(`${bundle.version}: ${different.length} of ${bundle.test_vectors.length} vectors differ`);
process.exitCode = different.length === 0 ? 0 : 1;
