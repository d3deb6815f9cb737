// Every rule on every report of a record.

import { constant, passes, type Known } from "./attributes.js";
import type { Bundle, Finding, PainClause, PainReport, PatientRecord } from "./bundle.js";
import { Judge } from "./conditions.js";
import { KnownToClinician } from "./stable.js";
import { byText, readSymptoms, type Symptom } from "./symptoms.js";
import { DAY, HOUR, instant } from "./time.js";

export const FORMAT = 1;

export interface Judgement {
  /** Highest level first, then by key. */
  readonly findings: readonly Finding[];
  /** Keys that only somebody with more of the history can decide. */
  readonly undecided: readonly string[];
}

/** What the rules find in a record, highest level first. */
export function evaluate(bundle: Bundle, record: PatientRecord): readonly Finding[] {
  return judge(bundle, record).findings;
}

/** What the rules find, and what they cannot decide for lack of reports. */
export function judge(bundle: Bundle, record: PatientRecord): Judgement {
  if (bundle.format !== FORMAT) throw new Error(`this evaluator does not know format ${bundle.format}`);
  const levels = levelsOf(bundle);
  const onSymptoms = judgeSymptoms(bundle, record);
  const findings = [...onSymptoms.findings, ...judgePains(bundle, record)];
  const found = new Set(findings.map((finding) => finding.key));
  return {
    findings: findings.sort((a, b) => levels.of(b.level) - levels.of(a.level) || byText(a.key, b.key)),
    undecided: onSymptoms.undecided.filter((key) => !found.has(key)).sort(byText),
  };
}

/** The findings that the patient is told of: a red flag always, others while they are active. */
export function counting(bundle: Bundle, findings: readonly Finding[]): readonly Finding[] {
  const levels = levelsOf(bundle);
  return findings.filter((finding) => finding.active || levels.isAcute(finding.level));
}

interface Levels {
  of(code: string): number;
  isAcute(code: string): boolean;
}

function levelsOf(bundle: Bundle): Levels {
  const codes = bundle.levels.map((level) => level.code);
  const of = (code: string): number => codes.indexOf(code);
  return { of, isAcute: (code) => of(code) >= of(bundle.reading.late.from_level) };
}

function judgeSymptoms(bundle: Bundle, record: PatientRecord): { findings: Finding[]; undecided: string[] } {
  const levels = levelsOf(bundle);
  const all = readSymptoms(bundle, record);
  const present = all.filter((symptom) => symptom.present);
  const judge = new Judge(bundle, record, present);
  const clinician = new KnownToClinician(bundle, record.known_stable ?? [], present);
  const isGone = endings(bundle, all);
  const findings: Finding[] = [];
  const undecided = new Set<string>();
  for (const rule of bundle.rules) {
    const isAcute = levels.isAcute(rule.level);
    const matched = new Map<string, Symptom[]>();
    for (const symptom of present) {
      const truth = judge.rule(rule.id, symptom);
      if (truth === undefined) undecided.add(`${rule.id}:${symptom.report}`);
      if (truth === true && (isAcute || !clinician.coveredOnArrival(symptom))) {
        matched.set(symptom.report, [...(matched.get(symptom.report) ?? []), symptom]);
      }
    }
    for (const symptoms of matched.values()) {
      const isActive = symptoms.some((one) => !isGone(one) && (isAcute || !clinician.covers(one)));
      findings.push(finding(bundle, rule, symptoms[0]!, isActive));
    }
  }
  return { findings, undecided: [...undecided] };
}

/** Tells whether a later report says that a symptom is gone, on its side. */
function endings(bundle: Bundle, all: readonly Symptom[]): (symptom: Symptom) => boolean {
  const { where, side, every_side: everySide } = bundle.reading.gone;
  const ends = all.filter(
    (one) => !one.present || where.every((test) => passes(test, one.known, bundle.constants)),
  );
  return (symptom) =>
    ends.some((end) => {
      const ended = end.known.get(side);
      const isSameSide = ended === undefined || ended === everySide || ended === symptom.known.get(side);
      return end.code === symptom.code && end.report !== symptom.report && end.rank > symptom.rank && isSameSide;
    });
}

function judgePains(bundle: Bundle, record: PatientRecord): Finding[] {
  return (record.pain_reports ?? []).flatMap((report) => {
    const answers = reliefOf(bundle, record, report);
    return bundle.rules
      .filter((rule) => rule.clauses.some((clause) => clause.on === "pain" && hurts(bundle, clause, report, answers)))
      .map((rule) => {
        const occurredAt = instant(report.occurred_at);
        const receivedAt = report.received_at === undefined ? occurredAt : instant(report.received_at);
        return finding(bundle, rule, { report: report.id, occurredAt, receivedAt }, true);
      });
  });
}

function hurts(bundle: Bundle, clause: PainClause, report: PainReport, answers: Known): boolean {
  return (
    clause.sites.includes(report.site) &&
    clause.kinds.includes(report.kind) &&
    report.score >= constant(bundle.constants, clause.at_least) &&
    (clause.where ?? []).every((test) => passes(test, answers, bundle.constants))
  );
}

function reliefOf(bundle: Bundle, record: PatientRecord, report: PainReport): Known {
  const { questions, values, within } = bundle.reading.relief;
  const reach = constant(bundle.constants, within) * HOUR;
  const at = instant(report.occurred_at);
  const own = questions.map((question) => {
    const value = question === "relief_rest" ? report.relief_rest : report.relief_otc;
    return { at, id: "", question, value: value ?? "" };
  });
  const apart = (record.relief_answers ?? [])
    .map((answer) => ({ ...answer, at: instant(answer.occurred_at) }))
    .filter((answer) => Math.abs(answer.at - at) <= reach);
  const inOrder = [...own, ...apart].sort(
    (a, b) => a.at - b.at || byText(a.id, b.id) || byText(a.question, b.question) || byText(a.value, b.value),
  );
  return new Map(inOrder.filter(({ value }) => values.includes(value)).map(({ question, value }) => [question, value]));
}

function finding(
  bundle: Bundle,
  rule: { readonly id: string; readonly level: string },
  first: { readonly report: string; readonly occurredAt: number; readonly receivedAt: number },
  active: boolean,
): Finding {
  const { after, level } = bundle.reading.late;
  const isOld = first.receivedAt - first.occurredAt > constant(bundle.constants, after) * DAY;
  const late = isOld && levelsOf(bundle).isAcute(rule.level);
  return { rule: rule.id, level: late ? level : rule.level, key: `${rule.id}:${first.report}`, active, late };
}
