// What a phone keeps: its copy of the record, its outbox, and where its last pull left off.
// All of it is plain JSON, so that any storage can hold it.

import type { components } from "./schema.js";

type Schemas = components["schemas"];

/** Reports: stored once, never changed. */
export interface Facts {
  pain_report: Schemas["PainReport"];
  symptom_report: Schemas["SymptomReport"];
  session: Schemas["Session"];
  home_care: Schemas["HomeCare"];
  questionnaire: Schemas["Questionnaire"];
}

/** What can be edited without a network; of `profile` and `intake` the id is the patient's. */
export interface Documents {
  visit: Schemas["VisitBody"];
  intake: Schemas["IntakeAnswers"];
  profile: Schemas["ProfilePatch"];
}

/** When a report is withdrawn; a symptom report only with `confirmed_none`. */
export type Withdrawal = Required<Pick<Schemas["RetractRequest"], "occurred_at" | "tz">> &
  Schemas["RetractRequest"];

export type Data = Record<string, unknown>;

/** An object as the server says it is. */
export interface Held {
  entity: string;
  id: string;
  rev: number;
  data: Data;
}

/**
 * Something that waits to be pushed, or was pushed and not pulled back yet.
 *
 * `follows` is the op_id of an earlier edit of the same document whose result is not known: this one
 * waits for it, since its base is the revision that that one makes.
 */
export interface Op {
  op_id: string;
  type: string;
  id: string;
  data: Data;
  base_rev?: number | undefined;
  follows?: string | undefined;
  attempted?: boolean;
  rev?: number | undefined;
}

/** An edit that lost: what she wrote, and what the server holds (absent: nothing). */
export interface Conflict {
  type: string;
  id: string;
  mine: Data;
  theirs?: Data | undefined;
}

/** All that one phone keeps of one patient. */
export interface State {
  device_id: string;
  counter: number;
  objects: Record<string, Held>;
  outbox: Op[];
  /** Accepted but not pulled back: a server restored from a backup may have forgotten them. */
  sent: Op[];
  conflicts: Conflict[];
  /** What the last push that led to any advice said; empty once it was seen. */
  advice: Schemas["PushAdvice"][];
  cursor?: string | undefined;
  /** The copy from before the phone had to start over. */
  before?: Record<string, Held> | undefined;
  restored: boolean;
}

export function emptyState(deviceId: string): State {
  return {
    device_id: deviceId,
    counter: 0,
    objects: {},
    outbox: [],
    sent: [],
    conflicts: [],
    advice: [],
    restored: false,
  };
}

export function keyOf(entity: string, id: string): string {
  return `${entity}:${id}`;
}

const FACTS = new Set([
  "pain_report",
  "symptom_report",
  "session",
  "home_care",
  "questionnaire",
  "relief_answer",
  "location",
  "retraction",
]);
const ADDED = ["id", "rev", "received_at", "date_disagrees", "retracted_by", "amended_by", "score"];
const WRITTEN: Record<string, readonly string[]> = {
  profile: ["name", "time_zone", "language", "country"],
  intake: ["answers"],
  visit: [
    "state",
    "tz",
    "planned_on",
    "planned_for",
    "attended_on",
    "with_whom",
    "prompts",
    "reason",
    "outcome",
    "outcome_text",
  ],
};

export function isFact(entity: string): boolean {
  return FACTS.has(entity);
}

export function isDocument(entity: string): boolean {
  return Object.hasOwn(WRITTEN, entity);
}

/** The part of an object that a phone sent: without what the server added. */
export function asSent({ entity, data }: Held): Data {
  const written = isDocument(entity) ? WRITTEN[entity] : undefined;
  // A pain report has a score of its own; that of a questionnaire is the server's.
  const added = entity === "questionnaire" ? ADDED : ADDED.slice(0, -1);
  const isHers = (name: string) => (written ? written.includes(name) : !added.includes(name));
  return Object.fromEntries(Object.entries(data).filter(([name]) => isHers(name)));
}
