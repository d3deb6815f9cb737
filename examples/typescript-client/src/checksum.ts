import { createHash } from "node:crypto";

import type { components } from "./schema.js";
import type { Held } from "./state.js";

/** The checksum of a copy: of each object the first eight bytes of a SHA-256, summed modulo 2^64. */
export function checksum(held: Iterable<Held>): components["schemas"]["Checksum"] {
  let count = 0;
  let sum = 0n;
  for (const { entity, id, rev } of held) {
    sum += createHash("sha256").update(`${entity}:${id}:${rev}`).digest().readBigUInt64BE();
    count += 1;
  }
  return { count, sum64: BigInt.asUintN(64, sum).toString(16).padStart(16, "0") };
}
