// Whether this evaluator finds what the server finds. An app asks this of every bundle it fetches.

import type { Bundle, Vector } from "./bundle.js";
import { judge } from "./evaluate.js";

/** The vectors that come out otherwise, each with both results; none if this evaluator may use it. */
export function differences(bundle: Bundle): readonly string[] {
  return bundle.test_vectors.flatMap((vector) => {
    const [wanted, found] = [expected(vector), actual(bundle, vector)];
    return wanted === found ? [] : [`${vector.name}\n  expected ${wanted}\n  found    ${found}`];
  });
}

function expected(vector: Vector): string {
  const findings = vector.findings.map(({ rule, level, key, active = true, late = false }) => {
    return { rule, level, key, active, late };
  });
  return JSON.stringify({ findings, undecided: vector.undecided ?? [] });
}

function actual(bundle: Bundle, vector: Vector): string {
  try {
    const { findings, undecided } = judge(bundle, vector.record);
    return JSON.stringify({ findings, undecided });
  } catch (error) {
    return String(error);
  }
}
