import { expect, test } from "@jest/globals";

import { endOfSections } from "./unified-kernel.ts";

test("the first free page is behind the section that ends last", () => {
  const headers = `
/usr/lib/systemd/boot/efi/linuxx64.efi.stub:     file format pei-x86-64

Sections:
Idx Name          Size      VMA               LMA               File off  Algn
  0 .text         0000cab0  0000000000003000  0000000000003000  00000400  2**4
                  CONTENTS, ALLOC, LOAD, READONLY, CODE
  1 .sdmagic      00000031  0000000000015001  0000000000015001  00011a00  2**2
                  CONTENTS, ALLOC, LOAD, DATA
  2 .data         00000010  0000000000014000  0000000000014000  00011600  2**4
`;
  expect(endOfSections(headers)).toBe(0x16000);
});

test("an empty list is no stub", () => {
  expect(() => endOfSections("a.out: file format unknown\n")).toThrow("objdump listed no sections");
});
