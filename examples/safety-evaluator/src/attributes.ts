// What an attribute says: a value of the right type within its bounds, or nothing at all.

import type { Attribute, AttributeTest, Attributes, Bundle, Json, Reading, SymptomCode } from "./bundle.js";
import { parseDay } from "./time.js";

export type Value = boolean | string | number;
export type Known = Map<string, Value>;

type Tolerance = Reading["tolerance"];

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;

/** The attributes of a symptom that say something; the others are unknown. */
export function knownAttributes(
  attributes: ReadonlyMap<string, Attribute>,
  symptom: SymptomCode,
  given: Attributes,
  tolerance: Tolerance,
): Known {
  const known: Known = new Map();
  for (const [name, raw] of Object.entries(given)) {
    const attribute = attributes.get(name);
    const value = attribute && read(attribute, symptom, raw, tolerance);
    if (value !== undefined) known.set(name, value);
  }
  return known;
}

function read(attribute: Attribute, symptom: SymptomCode, raw: Json, tolerance: Tolerance): Value | undefined {
  switch (attribute.kind) {
    case "boolean":
      return typeof raw === "boolean" ? raw : undefined;
    case "choice": {
      const words = symptom.accepted?.[attribute.name] ?? attribute.options ?? [];
      return typeof raw === "string" && words.includes(raw) ? raw : undefined;
    }
    case "date":
      return typeof raw === "string" && parseDay(raw) !== undefined ? raw : undefined;
    case "integer":
    case "decimal": {
      const number = toNumber(raw, tolerance);
      if (number === undefined || (attribute.kind === "integer" && !Number.isInteger(number))) {
        return undefined;
      }
      const isWithin = number >= (attribute.min ?? -Infinity) && number <= (attribute.max ?? Infinity);
      return isWithin ? number : undefined;
    }
    case "text":
      return undefined;
  }
}

function toNumber(raw: Json, tolerance: Tolerance): number | undefined {
  const text = typeof raw === "string" ? trimmed(raw, tolerance.blanks) : undefined;
  const isWritten = text !== undefined && text.length <= tolerance.max_number_length && DECIMAL.test(text);
  const number = isWritten ? Number(text) : raw;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return Math.abs(number) <= tolerance.largest_number ? number : undefined;
}

/** A text without the blanks at its ends. */
export function trimmed(text: string, blanks: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blanks.includes(text.charAt(start))) start += 1;
  while (end > start && blanks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Whether one test holds. */
export function passes(test: AttributeTest, known: Known, constants: Bundle["constants"]): boolean {
  const value = known.get(test.attr);
  if (value === undefined) return test.unknown ?? false;
  if (test.at_least !== undefined || test.at_most !== undefined) {
    return (
      typeof value === "number" &&
      (test.at_least === undefined || value >= constant(constants, test.at_least)) &&
      (test.at_most === undefined || value <= constant(constants, test.at_most))
    );
  }
  return typeof value !== "number" && (test.one_of ?? []).includes(value);
}

/** A number of the bundle by its name. */
export function constant(constants: Bundle["constants"], name: string): number {
  const value = constants[name];
  if (value === undefined) throw new Error(`the bundle has no constant ${name}`);
  return value;
}
