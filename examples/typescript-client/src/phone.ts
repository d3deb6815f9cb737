// Records without a network, pushes, pulls, and ends up holding what the server holds.

import { randomUUID } from "node:crypto";

import { checksum } from "./checksum.js";
import type { components } from "./schema.js";
import { Refused, type Server } from "./server.js";
import {
  asSent,
  emptyState,
  isDocument,
  isFact,
  keyOf,
  type Data,
  type Documents,
  type Facts,
  type Held,
  type Op,
  type State,
  type Withdrawal,
} from "./state.js";
import type { Storage } from "./storage.js";

type Schemas = components["schemas"];

const MOST_OPS = 500;
const MOST_BYTES = 480 * 1024; // a little below what the server takes, for the envelope
const PAGE = 500;

/** Even a copy made from the beginning has another checksum, or an op has no answer: a bug, on one
 * side or the other. */
export class Diverged extends Error {}

export type Show = (advice: Schemas["PushAdvice"][]) => void;

/** One device of one patient; `state` is for reading. */
export class Phone {
  private saving: Promise<void> = Promise.resolve();
  private syncing: Promise<void> | undefined;

  private constructor(
    readonly state: State,
    private readonly storage: Storage,
    private readonly server: Server,
    private readonly show: Show,
  ) {}

  /**
   * Goes on from what `storage` holds, or begins with nothing. `show` is called with advice, the
   * highest first, as soon as there is any, and here with what nobody has `seen` yet.
   */
  static async open(
    storage: Storage,
    server: Server,
    deviceId: string,
    show: Show,
  ): Promise<Phone> {
    const state = (await storage.load()) ?? emptyState(deviceId);
    if (state.advice.length > 0) show(state.advice);
    return new Phone(state, storage, server, show);
  }

  // --- what the person does; none of it needs a network -------------------------------------

  /** Records a report; its id, once it is safe on this device. */
  async record<T extends keyof Facts>(type: T, data: Facts[T], id?: string): Promise<string> {
    const factId = id ?? randomUUID();
    await this.queue({ op_id: this.opId(), type, id: factId, data: plain(data) });
    return factId;
  }

  /** Corrects a report by another; the id of that. */
  amend<T extends keyof Facts>(type: T, id: string, data: Facts[T]): Promise<string> {
    return this.record(type, { ...data, amends: id });
  }

  /** Withdraws a report. */
  retract(id: string, when: Withdrawal): Promise<void> {
    return this.queue({ op_id: this.opId(), type: "retract", id, data: plain(when) });
  }

  /** Edits a document, or makes a new one. */
  async edit<T extends keyof Documents>(type: T, id: string, data: Documents[T]): Promise<void> {
    const earlier = this.state.outbox.findLast((op) => op.type === type && op.id === id);
    if (earlier && !earlier.attempted) {
      // Nobody has seen the earlier edit yet: this one takes its place.
      earlier.data = plain(data);
      return this.save();
    }
    const base_rev = this.held(type, id)?.rev;
    const follows = earlier?.op_id;
    await this.queue({ op_id: this.opId(), type, id, data: plain(data), base_rev, follows });
  }

  // --- the loop -----------------------------------------------------------------------------

  /**
   * Pushes all that waits, pulls all that is new, and checks the copy. May be called at any time: a
   * call during another joins it. Raises `NoAnswer`, `Later`, `Refused` and `Diverged`.
   */
  sync(): Promise<void> {
    this.syncing ??= this.syncOnce().finally(() => {
      this.syncing = undefined;
    });
    return this.syncing;
  }

  /** The person has seen the advice. */
  seen(): Promise<void> {
    this.state.advice = [];
    return this.save();
  }

  private async syncOnce(): Promise<void> {
    await this.push();
    await this.pull();
    if (this.state.outbox.length > 0) {
      // A server that was restored is given back what it had lost.
      await this.push();
      await this.pull();
    }
  }

  private async push(): Promise<void> {
    for (let batch = this.batch(); batch.length > 0; batch = this.batch()) {
      for (const op of batch) op.attempted = true;
      await this.save();
      const answer = await this.server.push({
        device_id: this.state.device_id,
        device_time: new Date().toISOString(),
        ops: batch.map(onTheWire),
      });
      for (const result of answer.results) this.settle(batch[result.index], result);
      if (answer.advice.length > 0) {
        this.state.advice = answer.advice;
        this.show(answer.advice);
      }
      await this.save();
      if (answer.results.length < batch.length) throw new Diverged("an op was not answered for");
    }
  }

  private async pull(): Promise<void> {
    let matches: boolean;
    try {
      matches = await this.pullToEnd();
    } catch (error) {
      if (!(error instanceof Refused && error.status === 410)) throw error;
      await this.startOver(error.problem.reason === "restored");
      matches = await this.pullToEnd();
    }
    if (!matches) {
      await this.startOver(false);
      if (!(await this.pullToEnd())) throw new Diverged();
    }
    await this.heal();
  }

  // --- what could not be accepted -----------------------------------------------------------

  /** What waits to be repaired or discarded. */
  rejections(): Held[] {
    return Object.values(this.state.objects).filter((held) => held.entity === "rejection");
  }

  /** Sends corrected content (`id` where that was taken, `type` where that was wrong). */
  repair(rejection: string, body: Schemas["RepairRequest"]): Promise<Schemas["RepairAnswer"]> {
    return this.server.repair(rejection, body);
  }

  /** Gives up what could not be accepted. */
  discard(rejection: string): Promise<void> {
    return this.server.discard(rejection);
  }

  // --- inside -------------------------------------------------------------------------------

  private held(entity: string, id: string): Held | undefined {
    return this.state.objects[keyOf(entity, id)];
  }

  private queue(op: Op): Promise<void> {
    this.state.outbox.push(op);
    return this.save();
  }

  /** One after the other, each with what is true when its turn comes. */
  private save(): Promise<void> {
    const saved = this.saving.then(() => this.storage.save(this.state));
    this.saving = saved.catch(() => undefined); // whoever asked for it is told
    return saved;
  }

  private opId(): string {
    this.state.counter += 1;
    return `${this.state.device_id}.${this.state.counter}`;
  }

  private batch(): Op[] {
    const batch: Op[] = [];
    let size = 0;
    for (const op of this.state.outbox) {
      if (op.follows !== undefined) continue;
      size += new TextEncoder().encode(JSON.stringify(onTheWire(op))).length + 1;
      if (batch.length === MOST_OPS || (batch.length > 0 && size > MOST_BYTES)) break;
      batch.push(op);
    }
    return batch;
  }

  /** Every op leaves the outbox with its result: none is ever sent for ever. */
  private settle(op: Op | undefined, result: Schemas["OpResult"]): void {
    if (op === undefined) return;
    const { state } = this;
    state.outbox = state.outbox.filter((other) => other !== op);
    op.rev = result.rev;
    const later = state.outbox.find((other) => other.follows === op.op_id);
    if (later) later.follows = undefined;
    if (result.status === "applied" || result.status === "duplicate") {
      state.sent.push(op);
      if (later) later.base_rev = op.rev;
    } else if (result.status === "conflict") {
      this.lose(op, result.problem?.current);
    }
  }

  private lose(op: Op, theirs: Data | undefined): void {
    this.state.conflicts.push({ type: op.type, id: op.id, mine: op.data, theirs });
    if (theirs !== undefined) {
      this.put({ entity: op.type, id: op.id, rev: theirs["rev"] as number, data: theirs });
    }
  }

  private put(held: Held): void {
    this.state.objects[keyOf(held.entity, held.id)] = held;
  }

  /** Pulls page by page; whether the copy has the checksum that it should have. */
  private async pullToEnd(): Promise<boolean> {
    for (;;) {
      const { cursor, device_id } = this.state;
      const answer = await this.server.pull({
        limit: PAGE,
        device_id,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { entity, id, op, rev, data } of answer.changes) {
        if (op === "tombstone") delete this.state.objects[keyOf(entity, id)];
        else this.put({ entity, id, rev, data: data as Data });
      }
      this.state.cursor = answer.cursor;
      await this.save();
      if (!answer.more) {
        const mine = checksum(Object.values(this.state.objects));
        return mine.count === answer.checksum?.count && mine.sum64 === answer.checksum.sum64;
      }
    }
  }

  /** The copy is set aside, not thrown away: a restored server may lack some of it. */
  private startOver(restored: boolean): Promise<void> {
    const { state } = this;
    state.before ??= state.objects;
    state.objects = {};
    state.cursor = undefined;
    state.restored ||= restored;
    return this.save();
  }

  /** Gives a restored server back what it has lost, and forgets what is safe. */
  private heal(): Promise<void> {
    const { state } = this;
    if (state.restored) {
      state.outbox.unshift(...this.lost());
      state.sent = [];
    } else {
      state.sent = state.sent.filter((op) => !this.isBack(op));
    }
    state.before = undefined;
    state.restored = false;
    return this.save();
  }

  /**
   * Ops for what was accepted once and is not in the new copy. What is there, but was written
   * otherwise, is for the person to decide: nobody can tell which of the two is newer.
   */
  private lost(): Op[] {
    const lost: Op[] = [];
    for (const before of Object.values(this.state.before ?? {})) {
      const { entity, id } = before;
      const now = this.held(entity, id);
      const mine = asSent(before);
      if (!now && (isFact(entity) || entity === "visit")) {
        lost.push({ op_id: this.opId(), type: entity, id, data: mine });
      } else if (now && isDocument(entity) && !same(asSent(now), mine)) {
        this.state.conflicts.push({ type: entity, id, mine, theirs: now.data });
      }
    }
    const known = new Set(lost.map((op) => keyOf(op.type, op.id)));
    for (const op of this.state.sent) {
      if (this.isBack(op) || known.has(keyOf(op.type, op.id))) continue;
      const { type, id, data } = op;
      const base_rev = isFact(type) ? undefined : this.held(type, id)?.rev;
      lost.push({ op_id: this.opId(), type, id, data, base_rev });
    }
    return lost;
  }

  /** Whether what was accepted has been pulled. */
  private isBack(op: Op): boolean {
    if (op.type === "retract") {
      const all = Object.values(this.state.objects);
      return all.some((held) => held.entity === "retraction" && held.data["target"] === op.id);
    }
    const held = this.held(op.type, op.id);
    return held !== undefined && (isFact(op.type) || held.rev >= (op.rev ?? 0));
  }
}

/** The same bytes however often it is sent. */
function onTheWire({ op_id, type, id, data, base_rev }: Op): Schemas["PushOp"] {
  return { op_id, type, id, data, ...(base_rev === undefined ? {} : { base_rev }) };
}

/** A copy that no later change of the caller's object reaches. */
function plain(data: object): Data {
  return JSON.parse(JSON.stringify(data)) as Data;
}

/** Whether two JSON values say the same, in whatever order their members come. */
function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, item]) => [name, sorted(item)] as const);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}
