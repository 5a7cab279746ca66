/** A provider cannot be used, for a reason that its VMs' condition ProviderAvailable tells. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  constructor(
    /** One CamelCase word. */
    readonly reason: string,
    /** What is wrong and what to do. */
    message: string,
    /** Whether somebody has to do something first, so that trying again on one's own is pointless. */
    readonly final: boolean,
  ) {
    super(message);
  }
}
