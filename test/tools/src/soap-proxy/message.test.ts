import { expect, test } from "@jest/globals";

import { faultEnvelope, soapMethod } from "./message.ts";

test.each([
  ['<Envelope xmlns="x"><Body><Login xmlns="urn:vim25"><a/></Login></Body></Envelope>', "Login"],
  [
    '<?xml version="1.0"?>\n<soapenv:Envelope>\n <soapenv:Header/>\n <soapenv:Body id="b">\n  <vim:CreateVM_Task>',
    "CreateVM_Task",
  ],
  ["<soap:Envelope><soap:Body><tns:Logout/></soap:Body></soap:Envelope>", "Logout"],
  ["<Envelope><Header><Body2><x/></Body2></Header></Envelope>", undefined],
  ["", undefined],
])("method of %s", (body, method) => {
  expect(soapMethod(body)).toBe(method);
});

test("a fault carries its type and an escaped message", () => {
  const envelope = faultEnvelope("NotAuthenticated", "a < b & c");
  expect(envelope).toContain("<faultstring>a &#60; b &#38; c</faultstring>");
  expect(envelope).toContain(
    '<NotAuthenticatedFault xmlns="urn:vim25" xsi:type="NotAuthenticated"></NotAuthenticatedFault>',
  );
});
