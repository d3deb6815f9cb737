// The test adapter for the conformance kit: node dist/adapter.js FOLDER [PORT]
// It prints its address, keeps the phone's state in FOLDER, and ends with its standard input.

import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";

import { Later, NoAnswer, Phone, Refused, Server, FileStorage } from "./index.js";
import type { Data } from "./state.js";

const [folder, port] = process.argv.slice(2);
if (folder === undefined) throw new Error("node adapter.js FOLDER [PORT]");
const path = join(folder, "phone.json");

/** What the kit says in its calls. It records rubbish on purpose, so nothing is known of `data`. */
interface Said {
  server: string;
  token: string;
  device_id: string;
  type: string;
  id: string;
  rejection: string;
  data: Data;
}

let settings: Said | undefined;
let phone: Phone | undefined;

async function begin(): Promise<void> {
  if (settings === undefined) throw new Error("start comes first");
  const server = new Server(settings.server.replace(/\/api\/v1\/$/, ""), settings.token);
  phone = await Phone.open(new FileStorage(path), server, settings.device_id, () => undefined);
}

async function act(name: string, said: Said): Promise<object> {
  if (name === "start") {
    await rm(path, { force: true });
    settings = said;
    await begin();
    return {};
  }
  if (phone === undefined) throw new Error("start comes first");
  switch (name) {
    case "restart":
      await begin();
      return {};
    case "record":
      return { id: await phone.record(said.type as never, said.data as never) };
    case "retract":
      await phone.retract(said.id, said.data as never);
      return {};
    case "edit":
      await phone.edit(said.type as never, said.id, said.data as never);
      return {};
    case "repair":
      await phone.repair(said.rejection, { data: said.data });
      return {};
    case "sync":
      return { outcome: await sync(phone) };
    case "store":
      return store(phone);
    default:
      throw new Error(`unknown call: ${name}`);
  }
}

async function sync(running: Phone): Promise<string> {
  try {
    await running.sync();
    return "ok";
  } catch (error) {
    if (error instanceof NoAnswer) return "no_answer";
    if (error instanceof Later) return "later";
    if (error instanceof Refused && error.status === 401) return "signed_out";
    console.error(error);
    return "failed";
  }
}

function store({ state }: Phone): object {
  const objects = Object.values(state.objects).map(({ entity, id, rev }) => ({ entity, id, rev }));
  return { objects, outbox: state.outbox.length, conflicts: state.conflicts.length };
}

const adapter = createServer(async (request, response) => {
  try {
    const said = (await json(request)) as Said;
    const text = JSON.stringify(await act((request.url ?? "").slice(1), said));
    response.writeHead(200, { "Content-Type": "application/json" }).end(text);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});
adapter.listen(Number(port ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(adapter.address() as AddressInfo).port}`);
});
process.stdin.resume().on("end", () => process.exit(0));
