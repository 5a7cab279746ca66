/** An answer that PVE gives instead of data. The message ends with a line feed where PVE's does. */
export class ApiError extends Error {
  readonly status: number;
  /** By parameter, for a 400. */
  readonly errors: Readonly<Record<string, string>> | undefined;

  constructor(status: number, message: string, errors?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.errors = errors;
  }

  /** As a task's log shows it. */
  get inTask(): string {
    if (this.errors === undefined) return this.message.trimEnd();
    const lines = Object.entries(this.errors).map(([name, message]) => `${name}: ${message}\n`);
    return `${this.status} ${this.message}${lines.join("")}`.trimEnd();
  }
}

/** What Perl's `die "message\n"` becomes: a 500 whose reason is the message. */
export function fail(message: string): never {
  throw new ApiError(500, `${message}\n`);
}

/** A 400 that names the parameters that are wrong. */
export function refuse(errors: Readonly<Record<string, string>>): never {
  throw new ApiError(400, "Parameter verification failed.\n", errors);
}

/** A 403 that names path and privilege, where PVE names them. */
export function forbid(what?: string): never {
  throw new ApiError(403, `Permission check failed${what === undefined ? "" : ` (${what})`}\n`);
}
