/** Lines of a table whose columns are as wide as their widest cell; an empty column is left out. */
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const shown = header.map((_, column) => rows.some((row) => (row[column] ?? "") !== ""));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => (shown[column] === true ? cell.padEnd((widths[column] ?? 0) + 2) : ""))
      .join("")
      .trimEnd(),
  );
}
