// The calls of a sync, typed by the API's schema, and the ways in which they fail.

import createClient, { type Client } from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Schemas = components["schemas"];

/** Problem details, with the members that single errors add. */
export type Problem = Schemas["ProblemDetails"] & { reason?: string; advice?: Schemas["Advice"] };

/** No answer came. The request may have been carried out: it is sent again as it was. */
export class NoAnswer extends Error {}

/** The server asks to come back (429 or 5xx); everything is kept. */
export class Later extends Error {
  constructor(readonly seconds: number | undefined) {
    super("the server asks to come back later");
  }
}

/** The server refuses the request as a whole: a matter for the developer, or for signing in. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
  ) {
    super(`${status} ${problem.code}`);
  }
}

const MILLISECONDS = 30_000;

/** A Stepwise server at `origin`, such as `https://stepwise.example`; `api` reaches all of it. */
export class Server {
  readonly api: Client<paths>;

  constructor(origin: string, token: string) {
    this.api = createClient<paths>({
      baseUrl: origin,
      headers: { "X-Session-Token": token },
      fetch: (request) => fetch(request, { signal: AbortSignal.timeout(MILLISECONDS) }),
    });
  }

  push(body: Schemas["PushRequest"]): Promise<Schemas["PushAnswer"]> {
    return answered(this.api.POST("/api/v1/sync/push", { body }));
  }

  pull(query: {
    cursor?: string;
    limit: number;
    device_id: string;
  }): Promise<Schemas["PullAnswer"]> {
    return answered(this.api.GET("/api/v1/sync/pull", { params: { query } }));
  }

  repair(rejection_id: string, body: Schemas["RepairRequest"]): Promise<Schemas["RepairAnswer"]> {
    const path = { rejection_id };
    return answered(
      this.api.POST("/api/v1/sync/rejections/{rejection_id}/repair", { params: { path }, body }),
    );
  }

  async discard(rejection_id: string): Promise<void> {
    const path = { rejection_id };
    await answered(
      this.api.POST("/api/v1/sync/rejections/{rejection_id}/discard", { params: { path } }),
    );
  }
}

/** The data of an answer. Raises `NoAnswer`, `Later` and `Refused`. */
export async function answered<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw new NoAnswer("no answer came", { cause });
  });
  if (response.status === 429 || response.status >= 500) {
    const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    throw new Later(Number.isNaN(seconds) ? undefined : seconds);
  }
  if (!response.ok) {
    const isProblem = typeof error === "object" && error !== null;
    throw new Refused(response.status, isProblem ? (error as Partial<Problem>) : {});
  }
  return data as T;
}
