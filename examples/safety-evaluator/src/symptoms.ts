// From reports to symptoms: every one read, in one order, with its derived attributes.

import { knownAttributes, passes, trimmed, type Known } from "./attributes.js";
import type { Attributes, Bundle, Json, PatientRecord, SymptomCode } from "./bundle.js";
import { DAY, HOUR, day, instant, parseDay, parseInstant } from "./time.js";

export interface Symptom {
  readonly report: string;
  readonly code: string;
  readonly present: boolean;
  readonly known: Known;
  readonly occurredAt: number;
  readonly receivedAt: number;
  readonly localDay: number;
  /** The day it happened, which an injury may name. */
  readonly day: number;
  /** Where it stands in the order of all symptoms. */
  rank: number;
}

interface Named {
  readonly code: string;
  readonly present: boolean;
  readonly attrs: Attributes;
}

interface Circumstances {
  readonly report: string;
  readonly occurredAt: number;
  readonly receivedAt: number;
  readonly localDay: number;
}

/** Every symptom of the record, in order, present or not. */
export function readSymptoms(bundle: Bundle, record: PatientRecord): Symptom[] {
  const reader = new Reader(bundle);
  const found: { symptom: Symptom; place: number }[] = [];
  const add = (items: Iterable<Named>, circumstances: Circumstances): void => {
    let place = 0;
    for (const item of items) {
      const symptom = reader.read(item, circumstances);
      if (symptom !== undefined) found.push({ symptom, place });
      place += 1;
    }
  };
  for (const report of record.symptom_reports ?? []) {
    add(
      [
        ...(report.symptoms ?? []).map(({ code, present = true, attrs = {} }) => ({ code, present, attrs })),
        ...(report.answered_no ?? []).map((code) => ({ code, present: false, attrs: {} })),
      ],
      {
        report: report.id,
        occurredAt: instant(report.occurred_at),
        receivedAt: instant(report.received_at ?? report.occurred_at),
        localDay: day(report.local_date),
      },
    );
  }
  for (const report of record.unreadable ?? []) {
    add(new Search(bundle).in(report.body), { report: report.id, ...when(bundle, report) });
  }
  found.sort((a, b) => compare(a.symptom, b.symptom) || a.place - b.place || byText(a.symptom.code, b.symptom.code));
  const symptoms = found.map(({ symptom }, rank) => Object.assign(symptom, { rank }));
  derive(bundle, symptoms.filter((symptom) => symptom.present));
  return symptoms;
}

function compare(a: Symptom, b: Symptom): number {
  return a.occurredAt - b.occurredAt || a.receivedAt - b.receivedAt || byText(a.report, b.report);
}

/** Order of texts, whatever the language of the phone. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

class Reader {
  readonly #codes: ReadonlyMap<string, SymptomCode>;
  readonly #attributes;
  readonly #injury;
  readonly #tolerance;

  constructor(bundle: Bundle) {
    this.#codes = new Map(bundle.symptoms.map((symptom) => [symptom.code, symptom]));
    this.#attributes = new Map(bundle.attributes.map((attribute) => [attribute.name, attribute]));
    this.#injury = bundle.reading.injury_day;
    this.#tolerance = bundle.reading.tolerance;
  }

  read(item: Named, circumstances: Circumstances): Symptom | undefined {
    const symptom = this.#codes.get(item.code);
    if (symptom === undefined) return undefined;
    const known = knownAttributes(this.#attributes, symptom, item.attrs, this.#tolerance);
    const given = item.code === this.#injury.code ? known.get(this.#injury.attr) : undefined;
    const named = typeof given === "string" ? parseDay(given) : undefined;
    const { localDay } = circumstances;
    return {
      ...circumstances,
      code: item.code,
      present: item.present,
      known,
      day: named === undefined ? localDay : Math.min(named, localDay),
      rank: 0,
    };
  }
}

function derive(bundle: Bundle, present: readonly Symptom[]): void {
  const reports = byReport(present);
  const derived = present.map((symptom) =>
    bundle.reading.derived.map(({ name, codes = [], where = [], or_report: sides }) => {
      const isOfCode = codes.length === 0 || codes.includes(symptom.code);
      const holds = isOfCode && where.every((test) => passes(test, symptom.known, bundle.constants));
      const others = reports.get(symptom.report) ?? [];
      const inReport =
        sides !== undefined &&
        sides.each_of.every((value) =>
          others.some((other) => sides.codes.includes(other.code) && other.known.get(sides.attr) === value),
        );
      return [name, holds || inReport] as const;
    }),
  );
  present.forEach((symptom, index) => {
    for (const [name, value] of derived[index] ?? []) symptom.known.set(name, value);
  });
}

function byReport(symptoms: readonly Symptom[]): Map<string, Symptom[]> {
  const groups = new Map<string, Symptom[]>();
  for (const symptom of symptoms) {
    const group = groups.get(symptom.report);
    if (group === undefined) groups.set(symptom.report, [symptom]);
    else group.push(symptom);
  }
  return groups;
}

function when(
  bundle: Bundle,
  report: { readonly received_at: string; readonly body: Json },
): Omit<Circumstances, "report"> {
  const receivedAt = instant(report.received_at);
  const claimed = isObject(report.body) ? report.body["occurred_at"] : undefined;
  const moment = typeof claimed === "string" ? parseInstant(claimed) : undefined;
  const { max_ahead_hours: hours, years } = bundle.reading.tolerance;
  const latest = receivedAt + hours * HOUR;
  if (moment === undefined || moment.year < years[0] || moment.year > years[1]) {
    return { receivedAt, occurredAt: receivedAt, localDay: Math.floor(receivedAt / DAY) };
  }
  if (moment.at > latest) {
    return { receivedAt, occurredAt: latest, localDay: Math.floor(latest / DAY) };
  }
  return { receivedAt, occurredAt: moment.at, localDay: moment.day };
}

type JsonObject = { readonly [name: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Looks for symptoms in a report of any form. */
class Search {
  readonly #limits;
  readonly #codes: ReadonlySet<string>;
  #seen = 0;

  constructor(bundle: Bundle) {
    this.#limits = bundle.reading.tolerance;
    this.#codes = new Set(bundle.symptoms.map((symptom) => symptom.code));
  }

  in(body: Json): Named[] {
    const found: Named[] = [];
    for (const item of this.#walk(body, 0, false)) {
      if (found.length === this.#limits.max_symptoms) break;
      found.push({ ...item, present: true });
    }
    return found;
  }

  *#walk(value: Json, depth: number, isListed: boolean): Generator<Omit<Named, "present">> {
    this.#seen += 1;
    if (depth > this.#limits.max_depth || this.#seen > this.#limits.max_values) return;
    if (typeof value === "string") {
      const code = isListed ? this.#code(value) : undefined;
      if (code !== undefined) yield { code, attrs: {} };
    } else if (Array.isArray(value)) {
      for (const item of value as readonly Json[]) yield* this.#walk(item, depth + 1, isListed);
    } else if (isObject(value)) {
      yield* this.#inObject(value, depth);
    }
  }

  *#inObject(value: JsonObject, depth: number): Generator<Omit<Named, "present">> {
    const code = this.#code(value["code"]);
    if (code !== undefined && value["present"] !== false) {
      yield { code, attrs: isObject(value["attrs"]) ? value["attrs"] : {} };
    }
    for (const [name, item] of Object.entries(value)) {
      if (this.#limits.skipped.includes(name)) continue;
      const named = this.#code(name);
      if (named === undefined || item === false || item === null) {
        yield* this.#walk(item, depth + 1, this.#limits.lists.includes(name));
      } else if (!isObject(item)) {
        yield { code: named, attrs: {} };
      } else if (item["present"] !== false) {
        const attrs = "attrs" in item ? item["attrs"] : item;
        yield { code: named, attrs: isObject(attrs) ? attrs : {} };
      }
    }
  }

  #code(value: Json | undefined): string | undefined {
    if (typeof value !== "string" || value.length > this.#limits.max_code_length) return undefined;
    const code = trimmed(value, this.#limits.blanks).toUpperCase().replace(/[_ ]/g, "-");
    return this.#codes.has(code) ? code : undefined;
  }
}
