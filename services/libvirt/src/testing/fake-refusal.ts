/** The refusal of a call, as libvirtd would word it. */
export class FakeRefusal extends Error {
  readonly code: number;
  readonly domain: number;

  /** `domain` is the part of libvirt that refuses: 10 is the QEMU driver. */
  constructor(code: number, message: string, domain = 10) {
    super(message);
    this.code = code;
    this.domain = domain;
  }
}
