// The safety bundle, as far as judging and speaking need it. What is optional here has a default.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type Attributes = { readonly [name: string]: Json };

export interface AttributeTest {
  readonly attr: string;
  readonly one_of?: readonly (boolean | string)[];
  readonly at_least?: string;
  readonly at_most?: string;
  readonly unknown?: boolean;
}

export type Condition =
  | { readonly is: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly is: "not"; readonly of: Condition }
  | { readonly is: "this"; readonly codes?: readonly string[]; readonly where?: readonly AttributeTest[] }
  | ReportedCondition
  | PainCondition
  | { readonly is: "history"; readonly any_of: readonly string[] }
  | { readonly is: "age"; readonly at_least: string }
  | { readonly is: "fires"; readonly rule: string };

export interface ReportedCondition {
  readonly is: "reported";
  readonly codes: readonly string[];
  readonly within: string;
  readonly where?: readonly AttributeTest[];
  readonly other_code?: boolean;
  readonly earlier?: boolean;
}

export interface PainCondition {
  readonly is: "pain";
  readonly sites: readonly string[];
  readonly at_least: string;
  readonly within: string;
}

export interface SymptomClause {
  readonly on: "symptom";
  readonly codes: readonly string[];
  readonly where?: readonly AttributeTest[];
  readonly when?: Condition;
}

export interface PainClause {
  readonly on: "pain";
  readonly sites: readonly string[];
  readonly kinds: readonly string[];
  readonly at_least: string;
  readonly where?: readonly AttributeTest[];
}

export interface Rule {
  readonly id: string;
  readonly level: string;
  readonly clears: "clinician" | "condition";
  readonly clauses: readonly (SymptomClause | PainClause)[];
}

export interface Derived {
  readonly name: string;
  readonly codes?: readonly string[];
  readonly where?: readonly AttributeTest[];
  readonly or_report?: {
    readonly codes: readonly string[];
    readonly attr: string;
    readonly each_of: readonly string[];
  };
}

export interface Reading {
  readonly derived: readonly Derived[];
  readonly injury_day: { readonly code: string; readonly attr: string };
  readonly relief: {
    readonly questions: readonly string[];
    readonly values: readonly string[];
    readonly within: string;
  };
  readonly gone: {
    readonly where: readonly AttributeTest[];
    readonly side: string;
    readonly every_side: string;
  };
  readonly known_stable: {
    readonly days: string;
    readonly side: string;
    readonly sided_codes: readonly string[];
    readonly one_side: readonly string[];
    readonly calm: readonly AttributeTest[];
    readonly never: readonly AttributeTest[];
    readonly alarming: readonly AttributeTest[];
    readonly scales: { readonly [attr: string]: readonly string[] };
  };
  readonly late: { readonly after: string; readonly from_level: string; readonly level: string };
  readonly tolerance: {
    readonly max_depth: number;
    readonly max_values: number;
    readonly max_symptoms: number;
    readonly max_code_length: number;
    readonly skipped: readonly string[];
    readonly lists: readonly string[];
    readonly max_ahead_hours: number;
    readonly blanks: string;
    readonly max_number_length: number;
    readonly largest_number: number;
    readonly years: readonly [number, number];
  };
}

export interface Attribute {
  readonly name: string;
  readonly kind: "boolean" | "choice" | "decimal" | "integer" | "date" | "text";
  readonly options?: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

export interface SymptomCode {
  readonly code: string;
  readonly group: string;
  readonly red_flag: boolean;
  readonly ask?: readonly { readonly attr: string; readonly options?: readonly string[] }[];
  readonly accepted?: { readonly [attr: string]: readonly string[] };
}

export interface Message {
  readonly title: string;
  readonly message: string;
}

export interface Texts {
  readonly urgent_contact: string;
  readonly late: Message;
  readonly messages: { readonly [rule: string]: Message };
  readonly questions: { readonly [code: string]: string };
  readonly attributes: {
    readonly [attr: string]: { readonly text: string; readonly labels?: { readonly [word: string]: string } };
  };
  readonly countries: { readonly [code: string]: string };
  readonly international: string;
}

export interface Country {
  readonly code: string;
  readonly emergency: string;
  readonly also?: readonly string[];
  readonly urgent_advice?: string;
}

export interface Bundle {
  readonly format: number;
  readonly version: string;
  readonly levels: readonly { readonly code: string; readonly action: string }[];
  readonly constants: { readonly [name: string]: number };
  readonly symptoms: readonly SymptomCode[];
  readonly attributes: readonly Attribute[];
  readonly reading: Reading;
  readonly rules: readonly Rule[];
  readonly emergency_numbers: { readonly default: string; readonly countries: readonly Country[] };
  readonly texts: { readonly [language: string]: Texts };
  readonly test_vectors: readonly Vector[];
}

export interface ReportedSymptom {
  readonly code: string;
  /** Absent: it is there. */
  readonly present?: boolean;
  readonly attrs?: Attributes;
}

interface Report {
  readonly id: string;
  /** RFC 3339, with an offset. */
  readonly occurred_at: string;
  /** YYYY-MM-DD where the patient was. */
  readonly local_date: string;
  /** When the server took it; without it, when it happened. */
  readonly received_at?: string;
}

export interface SymptomReport extends Report {
  readonly symptoms?: readonly ReportedSymptom[];
  readonly answered_no?: readonly string[];
}

export interface PainReport extends Report {
  readonly site: string;
  readonly kind: string;
  readonly score: number;
  readonly relief_rest?: string;
  readonly relief_otc?: string;
}

export interface ReliefAnswer {
  readonly id: string;
  readonly occurred_at: string;
  readonly question: string;
  readonly value: string;
}

export interface StableWord {
  readonly symptom: string;
  readonly at: string;
  readonly side?: string;
  readonly expires_at?: string;
}

export interface PatientRecord {
  readonly age?: number;
  readonly history?: readonly string[];
  readonly symptom_reports?: readonly SymptomReport[];
  readonly pain_reports?: readonly PainReport[];
  readonly relief_answers?: readonly ReliefAnswer[];
  readonly known_stable?: readonly StableWord[];
  readonly unreadable?: readonly { readonly id: string; readonly received_at: string; readonly body: Json }[];
  readonly symptoms_since?: string;
  readonly pains_since?: string;
}

export interface Finding {
  readonly rule: string;
  readonly level: string;
  /** `rule:id of the report` */
  readonly key: string;
  /** Not reported gone since, and not known to be stable. */
  readonly active: boolean;
  /** Arrived so late that the patient is asked whether it is still so. */
  readonly late: boolean;
}

export interface Vector {
  readonly name: string;
  readonly record: PatientRecord;
  readonly findings: readonly (Omit<Finding, "active" | "late"> & {
    readonly active?: boolean;
    readonly late?: boolean;
  })[];
  readonly undecided?: readonly string[];
}
