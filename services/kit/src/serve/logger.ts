import pino, { type DestinationStream, type Logger, type LoggerOptions } from "pino";
import type { LogConfig } from "../config/serve-config.ts";
import { redact } from "./redact.ts";
import { formatLine } from "./text-format.ts";

export type { Logger } from "pino";

/**
 * The daemon's log: JSON lines on stdout, or text for people on stderr. Secrets among a line's fields are redacted; bind only
 * identifiers to a child logger, for pino does not pass those through.
 */
export function createLogger(config: LogConfig): Logger {
  return pino(
    loggerOptions(config.level),
    config.format === "json" ? pino.destination({ sync: true }) : textToStderr(),
  );
}

/** How every logger of the kit writes; apart so that tests can write elsewhere. */
export function loggerOptions(level: LogConfig["level"]): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: redact },
    serializers: { err: (error) => describeError(error) },
  };
}

/**
 * Name, message, code, stack and causes of an error and nothing else, since native clients hang requests, with their credentials,
 * on their errors.
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  const { name, message, code, stack, cause } = error as Record<string, unknown>;
  return {
    name,
    message,
    ...(code === undefined ? {} : { code }),
    ...(depth === 0 ? { stack } : {}),
    ...(cause === undefined || depth > 4 ? {} : { cause: describeError(cause, depth + 1) }),
  };
}

function textToStderr(): DestinationStream {
  return { write: (line) => void process.stderr.write(formatLine(line)) };
}
