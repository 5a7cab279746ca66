/**
 * What a Windows guest says about itself, in lines of name=value: the properties that Get-ComputerInfo shows as HyperVRequirement…, from where
 * it has them, since it takes long itself. For PowerShell 3 and newer; it changes nothing in the guest.
 */
const script = `
$ErrorActionPreference = 'SilentlyContinue'
$cpu = Get-CimInstance Win32_Processor | Select-Object -First 1
$system = Get-CimInstance Win32_ComputerSystem
$guard = Get-CimInstance -Namespace root/Microsoft/Windows/DeviceGuard Win32_DeviceGuard
"hypervisor_present=$($system.HypervisorPresent)"
"firmware_enabled=$($cpu.VirtualizationFirmwareEnabled)"
"monitor_extensions=$($cpu.VMMonitorModeExtensions)"
"vbs_status=$($guard.VirtualizationBasedSecurityStatus)"
"vmms=$((Get-Service vmms).Status)"
"end=yes"
`;

/** Arguments of powershell.exe. Encoded, as Windows programs each have their own idea of quoting. */
export const windowsArguments: readonly string[] = [
  "-NoProfile",
  "-NonInteractive",
  "-EncodedCommand",
  Buffer.from(script, "utf16le").toString("base64"),
];
