import { type FaultMeaning, meanings, unlisted } from "./fault-meanings.ts";

/** An error as libvirtd reports it. */
export interface Fault {
  /** virErrorNumber. */
  code: number;
  /** virErrorDomain: the part of libvirt that raised it. */
  domain: number;
  message: string;
}

/** What an error means. */
export const faultMeaning = ({ code, message }: Fault): FaultMeaning => {
  const known = meanings.get(code);
  if (known === undefined) return unlisted;
  return known.byText?.find(({ text }) => message.includes(text))?.meaning ?? known.meaning;
};

/** One sentence for people: what was done, what libvirt said, what to do. */
export const faultSentence = (action: string, fault: Fault): string =>
  `${action}: libvirt error ${fault.code}: ${fault.message || "no further words"}; ${faultMeaning(fault).remedy}`;
