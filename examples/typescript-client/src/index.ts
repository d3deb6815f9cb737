export { checksum } from "./checksum.js";
export { Diverged, Phone, type Show } from "./phone.js";
export type { components, operations, paths } from "./schema.js";
export { answered, Later, NoAnswer, Refused, Server, type Problem } from "./server.js";
export type { Conflict, Documents, Facts, Held, Op, State, Withdrawal } from "./state.js";
export { FileStorage, type Storage } from "./storage.js";
