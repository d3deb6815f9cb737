// What a condition says of one symptom: true, false, or undefined where reports are missing.

import { constant, passes } from "./attributes.js";
import type {
  AttributeTest,
  Bundle,
  Condition,
  PainCondition,
  PatientRecord,
  ReportedCondition,
  SymptomClause,
} from "./bundle.js";
import type { Symptom } from "./symptoms.js";
import { DAY, HOUR, day, instant } from "./time.js";

export type Truth = boolean | undefined;

interface Span {
  readonly size: number;
  readonly inDays: boolean;
}

interface Point {
  readonly occurredAt: number;
  readonly day: number;
}

export class Judge {
  readonly #bundle: Bundle;
  readonly #record: PatientRecord;
  readonly #present: readonly Symptom[];
  readonly #pains: readonly (Point & { readonly site: string; readonly score: number })[];
  readonly #clauses: ReadonlyMap<string, readonly SymptomClause[]>;

  constructor(bundle: Bundle, record: PatientRecord, present: readonly Symptom[]) {
    this.#bundle = bundle;
    this.#record = record;
    this.#present = present;
    this.#pains = (record.pain_reports ?? []).map((report) => ({
      site: report.site,
      score: report.score,
      occurredAt: instant(report.occurred_at),
      day: day(report.local_date),
    }));
    this.#clauses = new Map(
      bundle.rules.map((rule) => [
        rule.id,
        rule.clauses.filter((clause): clause is SymptomClause => clause.on === "symptom"),
      ]),
    );
  }

  /** Whether one of the rule's symptom clauses holds. */
  rule(id: string, symptom: Symptom): Truth {
    const clauses = this.#clauses.get(id);
    if (clauses === undefined) throw new Error(`the bundle has no rule ${id}`);
    return any(clauses.map((clause) => this.#clause(clause, symptom)));
  }

  #clause(clause: SymptomClause, symptom: Symptom): Truth {
    if (!clause.codes.includes(symptom.code) || !this.#passes(clause.where, symptom)) return false;
    return clause.when === undefined ? true : this.#holds(clause.when, symptom);
  }

  #holds(condition: Condition, symptom: Symptom): Truth {
    switch (condition.is) {
      case "all":
        return not(any(condition.of.map((part) => not(this.#holds(part, symptom)))));
      case "any":
        return any(condition.of.map((part) => this.#holds(part, symptom)));
      case "not":
        return not(this.#holds(condition.of, symptom));
      case "this": {
        const codes = condition.codes ?? [];
        return (codes.length === 0 || codes.includes(symptom.code)) && this.#passes(condition.where, symptom);
      }
      case "reported":
        return this.#reported(condition, symptom);
      case "pain":
        return this.#pain(condition, symptom);
      case "history":
        return condition.any_of.some((item) => this.#record.history?.includes(item));
      case "age":
        return this.#record.age !== undefined && this.#record.age >= this.#constant(condition.at_least);
      case "fires":
        return this.rule(condition.rule, symptom);
      default:
        throw new Error(`this evaluator is too old for the condition ${JSON.stringify(condition)}`);
    }
  }

  #reported(condition: ReportedCondition, symptom: Symptom): Truth {
    const span = this.#span(condition.within);
    const isThere = this.#present.some(
      (other) =>
        condition.codes.includes(other.code) &&
        !(condition.other_code && other.code === symptom.code) &&
        !(condition.earlier && other.rank > symptom.rank) &&
        isNear(span, symptom, other) &&
        this.#passes(condition.where, other),
    );
    return isThere || this.#isMissing(span, symptom, this.#record.symptoms_since);
  }

  #pain(condition: PainCondition, symptom: Symptom): Truth {
    const span = this.#span(condition.within);
    const least = this.#constant(condition.at_least);
    const isThere = this.#pains.some(
      (pain) => condition.sites.includes(pain.site) && pain.score >= least && isNear(span, symptom, pain),
    );
    return isThere || this.#isMissing(span, symptom, this.#record.pains_since);
  }

  /** False where everything around the symptom is known, else undecided. */
  #isMissing(span: Span, symptom: Symptom, since: string | undefined): false | undefined {
    if (since === undefined) return false;
    const happened = symptom.occurredAt - (symptom.localDay - symptom.day) * DAY;
    const reach = span.inDays ? (span.size + 1) * DAY : span.size * HOUR;
    return happened - instant(since) >= reach ? false : undefined;
  }

  #passes(tests: readonly AttributeTest[] | undefined, symptom: Symptom): boolean {
    return (tests ?? []).every((test) => passes(test, symptom.known, this.#bundle.constants));
  }

  #span(name: string): Span {
    return { size: this.#constant(name), inDays: name.endsWith("_days") };
  }

  #constant(name: string): number {
    return constant(this.#bundle.constants, name);
  }
}

function isNear(span: Span, one: Point, other: Point): boolean {
  return span.inDays
    ? Math.abs(one.day - other.day) <= span.size
    : Math.abs(one.occurredAt - other.occurredAt) <= span.size * HOUR;
}

function any(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
