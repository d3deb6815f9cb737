export type * from "./bundle.js";
export { counting, evaluate, judge, type Judgement } from "./evaluate.js";
export { message, speaking, type PatientMessage } from "./message.js";
export { differences } from "./vectors.js";
