/** Name of the method a SOAP request calls (`Login`, `CreateVM_Task`); undefined when the body is no SOAP envelope. */
export function soapMethod(body: string): string | undefined {
  return /<(?:[\w-]+:)?Body(?:\s[^>]*)?>\s*<(?:[\w-]+:)?(\w+)/.exec(body)?.[1];
}

/** The envelope vCenter sends (with status 500) for a fault of that vim25 type, such as `NotAuthenticated`. */
export function faultEnvelope(faultType: string, message: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"' +
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    "<soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode>" +
    `<faultstring>${escapeXml(message)}</faultstring>` +
    `<detail><${faultType}Fault xmlns="urn:vim25" xsi:type="${faultType}"></${faultType}Fault></detail>` +
    "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
  );
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
}
