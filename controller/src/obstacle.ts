/** Why something declared cannot be acted upon, as a condition tells it. */
export interface Obstacle {
  /** One CamelCase word for machines. */
  readonly reason: string;
  /** What is wrong, where, and what to change. No secrets. */
  readonly message: string;
  /** Whether somebody has to change something; false when it may pass by itself. */
  readonly final: boolean;
}

/** Takes note of an obstacle, so that one pass finds them all. */
export type Report = (reason: string, message: string) => void;
