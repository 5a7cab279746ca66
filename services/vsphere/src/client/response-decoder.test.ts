import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { VimProtocolError } from "./errors.ts";
import { ResponseDecoder } from "./response-decoder.ts";
import { answerTo, envelope, faultOf } from "./testing/wire-server.ts";

function decode(xml: string | Uint8Array, method = "RetrievePropertiesEx", returns = "RetrieveResult") {
  const decoder = new ResponseDecoder(method, returns);
  decoder.write(typeof xml === "string" ? Buffer.from(xml) : xml);
  return decoder.end();
}

/** The answer's first property, given the XML of its value element. */
function property(val: string): unknown {
  const xml = answerTo(
    "RetrievePropertiesEx",
    `<returnval><objects><obj type="VirtualMachine">vm-1</obj><propSet><name>p</name>${val}</propSet></objects></returnval>`,
  );
  const answer = decode(xml) as { value: { objects: [{ propSet: [{ val: unknown }] }] } };
  return answer.value.objects[0].propSet[0].val;
}

describe("values of properties", () => {
  test.each([
    ["a string", '<val xsi:type="xsd:string"> two  spaces </val>', " two  spaces "],
    ["an empty string", '<val xsi:type="xsd:string"/>', ""],
    ["an int", '<val xsi:type="xsd:int">-7</val>', -7],
    ["a long", '<val xsi:type="xsd:long">4398046511104</val>', 4398046511104],
    ["a boolean", '<val xsi:type="xsd:boolean">1</val>', true],
    ["an enum", '<val xsi:type="VirtualMachinePowerState">poweredOn</val>', "poweredOn"],
    ["a time", '<val xsi:type="xsd:dateTime">2026-01-02T03:04:05.6Z</val>', "2026-01-02T03:04:05.6Z"],
    [
      "a reference",
      '<val type="Datastore" xsi:type="ManagedObjectReference">ds-1</val>',
      { type: "Datastore", value: "ds-1" },
    ],
    ["escapes and CDATA", '<val xsi:type="xsd:string">a&lt;&#x41;<![CDATA[<b>&amp;]]></val>', "a<A<b>&amp;"],
    ["a type of XML Schema that vim25 does not use", '<val xsi:type="xsd:anyURI">a:b</val>', "a:b"],
    ["nothing", '<val xsi:type="xsd:string" xsi:nil="true"/>', undefined],
    [
      "an array of strings",
      '<val xsi:type="ArrayOfString"><string>a</string><string>b</string></val>',
      ["a", "b"],
    ],
    ["an array of one int", '<val xsi:type="ArrayOfInt"><int>1</int></val>', [1]],
    ["an empty array", '<val xsi:type="ArrayOfManagedObjectReference"/>', []],
    [
      "an array of anyType",
      '<val xsi:type="ArrayOfAnyType"><anyType xsi:type="xsd:int">1</anyType></val>',
      [1],
    ],
    [
      "an array of data objects, single and derived",
      '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="ParaVirtualSCSIController"><key>1000</key>' +
        "<busNumber>0</busNumber><device>2000</device><sharedBus>noSharing</sharedBus></VirtualDevice></val>",
      [
        {
          $type: "ParaVirtualSCSIController",
          key: 1000,
          busNumber: 0,
          device: [2000],
          sharedBus: "noSharing",
        },
      ],
    ],
    [
      "a data object without the fields that the table lacks",
      '<val xsi:type="VirtualHardware"><numCPU>2</numCPU><memoryMB>512</memoryMB>' +
        "<virtualICH7MPresent>true</virtualICH7MPresent><new><deep>1</deep></new></val>",
      { $type: "VirtualHardware", numCPU: 2, memoryMB: 512 },
    ],
    [
      "an unlisted kind of device: the common fields typed, its own as found",
      '<val xsi:type="ArrayOfVirtualDevice"><VirtualDevice xsi:type="VirtualQuantumCard"><key>9</key>' +
        "<qubits>3</qubits><mode>a</mode><mode>b</mode></VirtualDevice></val>",
      [{ $type: "VirtualQuantumCard", key: 9, qubits: "3", mode: ["a", "b"] }],
    ],
    [
      "an unlisted type: as found",
      '<val xsi:type="NewInfo"><id>1</id><host type="HostSystem">host-1</host><part><x>y</x></part></val>',
      { $type: "NewInfo", id: "1", host: { type: "HostSystem", value: "host-1" }, part: { x: "y" } },
    ],
    [
      "a name that would reach the prototype",
      '<val xsi:type="NewInfo"><id>1</id><__proto__><polluted>1</polluted></__proto__></val>',
      { $type: "NewInfo", id: "1" },
    ],
  ])("%s", (_, xml, expected) => expect(property(xml)).toEqual(expected));
});

test("prefixes mean nothing, namespaces do", () => {
  const xml =
    '<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Header><x/></S:Header>' +
    '<S:Body><v:RetrievePropertiesExResponse xmlns:v="urn:vim25" xmlns:_XMLSchema-instance="http://www.w3.org/2001/XMLSchema-instance">' +
    '<v:returnval><v:objects><v:obj type="Task">t-1</v:obj><v:propSet><v:name>info</v:name>' +
    '<v:val xmlns:i="urn:other" i:type="x" _XMLSchema-instance:type="v:TaskInfo"><v:key>t-1</v:key><v:cancelled>false</v:cancelled>' +
    '<v:result xmlns:q="http://www.w3.org/2001/XMLSchema" _XMLSchema-instance:type="q:int">5</v:result></v:val>' +
    "</v:propSet></v:objects></v:returnval></v:RetrievePropertiesExResponse></S:Body></S:Envelope>";
  expect(decode(xml)).toEqual({
    value: {
      objects: [
        {
          obj: { type: "Task", value: "t-1" },
          propSet: [{ name: "info", val: { $type: "TaskInfo", key: "t-1", cancelled: false, result: 5 } }],
        },
      ],
    },
  });
});

test.each([
  ["nothing found", "FindByUuid", "ManagedObjectReference", "", undefined],
  ["an empty list", "FindAllByUuid", "ManagedObjectReference[]", "", []],
  [
    "a list of one",
    "FindAllByUuid",
    "ManagedObjectReference[]",
    '<returnval type="VirtualMachine">vm-1</returnval>',
    [{ type: "VirtualMachine", value: "vm-1" }],
  ],
  ["no result at all", "Logout", undefined, "", undefined],
])("answers: %s", (_, method, returns, content, value) => {
  const decoder = new ResponseDecoder(method, returns);
  decoder.write(Buffer.from(answerTo(method, content)));
  expect(decoder.end()).toEqual({ value });
});

describe("faults", () => {
  test.each([
    [
      "with fields",
      faultOf(
        "DuplicateName",
        "The name 'a' already exists.",
        '<name>a</name><object type="VirtualMachine">vm-9</object>',
      ),
      {
        faultType: "DuplicateName",
        faultString: "The name 'a' already exists.",
        detail: { name: "a", object: { type: "VirtualMachine", value: "vm-9" } },
      },
    ],
    [
      "without xsi:type",
      envelope(
        "<soapenv:Fault><faultcode>c</faultcode><faultstring>no</faultstring>" +
          '<detail><InvalidLoginFault xmlns="urn:vim25"/></detail></soapenv:Fault>',
      ),
      { faultType: "InvalidLogin", faultString: "no", detail: {} },
    ],
    [
      "without detail",
      envelope("<soapenv:Fault><faultcode>c</faultcode><faultstring>busy</faultstring></soapenv:Fault>"),
      { faultType: "RuntimeFault", faultString: "busy", detail: {} },
    ],
  ])("%s", (_, xml, fault) => expect(decode(xml)).toEqual({ fault }));
});

describe("what is not an answer", () => {
  const good = answerTo("RetrievePropertiesEx", "<returnval><token>1</token></returnval>");
  test.each([
    ["truncated", good.slice(0, -20), /not well-formed XML: .* unclosed tag/],
    ["empty", "", /not well-formed XML/],
    ["HTML", "<html><body>Bad gateway</body></html>", /not a SOAP 1.1 envelope/],
    ["another operation's", answerTo("Login"), /neither RetrievePropertiesExResponse nor Fault/],
    [
      "a document type",
      `<!DOCTYPE x [<!ENTITY a "b">]>${good}`.replace(/<\?xml.*\?>\n/, ""),
      /document type definition/,
    ],
    ["an undefined entity", answerTo("RetrievePropertiesEx", "&a;"), /undefined entity/],
    ["bottomless", envelope("<a>".repeat(300)), /nests deeper than 200 levels/],
    [
      "a number that is none",
      answerTo(
        "RetrievePropertiesEx",
        '<returnval><objects><obj type="T">t</obj><propSet><name>n</name><val xsi:type="xsd:int">x</val></propSet></objects></returnval>',
      ),
      /Envelope\/Body\/RetrievePropertiesExResponse\/returnval\/objects\/propSet\/val is not a int/,
    ],
  ])("%s", (_, xml, message) => {
    expect(() => decode(xml)).toThrow(VimProtocolError);
    expect(() => decode(xml)).toThrow(message);
  });

  test("bytes that are not UTF-8", () => {
    expect(() => decode(Uint8Array.of(0x3c, 0x61, 0xff))).toThrow(/not UTF-8/);
  });
});

const sample = Buffer.from(
  answerTo(
    "RetrievePropertiesEx",
    '<returnval><token>ü€😀</token><objects><obj type="VirtualMachine">vm-1</obj><propSet><name>config</name>' +
      '<val xsi:type="VirtualMachineConfigInfo"><name>&#xe4;<![CDATA[<x>]]></name><hardware><numCPU>2</numCPU>' +
      '<device xsi:type="VirtualDisk"><key>2000</key><capacityInKB>1</capacityInKB></device></hardware></val></propSet>' +
      '<missingSet><path>guest</path><fault><fault xsi:type="NoPermission"/></fault></missingSet></objects></returnval>',
  ),
);

test("it does not matter where the network cuts the bytes", () => {
  const whole = decode(sample);
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: sample.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (at) => {
      const decoder = new ResponseDecoder("RetrievePropertiesEx", "RetrieveResult");
      const edges = [0, ...at.toSorted((a, b) => a - b), sample.length];
      for (const [i, edge] of edges.slice(1).entries()) decoder.write(sample.subarray(edges[i], edge));
      expect(decoder.end()).toEqual(whole);
    }),
  );
});

test("damaged bytes end in an answer or in VimProtocolError, nothing else", () => {
  const damage = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, fc.nat(sample.length), (changes, length) => {
      const bytes = Uint8Array.from(sample.subarray(0, length));
      for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(VimProtocolError);
      }
    }),
    { numRuns: 500 },
  );
});
