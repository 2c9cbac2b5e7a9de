// @ts-nocheck
{candidate}
;(() => {
// Calls the function above with the arguments of each line, and tells what came of it.
declare const require: any;
const fs = require("fs");
const path = "{function}".split(".");
const name = path.pop();

function read(value) {
  if (Array.isArray(value)) return value.map(read);
  if (value === null || typeof value !== "object") return value;
  if ("float" in value) return Number(value.float);
  return Object.fromEntries(value.map.map(([key, one]) => [read(key), read(one)]));
}

function show(value) {
  if (value === undefined || value === null) return null;
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : { float: String(value) };
  }
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, show);
  if (value instanceof Set) return { set: Array.from(value, show) };
  if (value instanceof Map) return { map: Array.from(value, (pair) => pair.map(show)) };
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return { map: Object.entries(value).map((pair) => pair.map(show)) };
  }
  return { other: typeof value };
}

function find() {
  if (path.length === 0) return eval(name);
  const owner = eval(path.join("."));
  if (typeof owner[name] === "function") return (...all) => owner[name](...all);
  return (...all) => new owner()[name](...all);
}

const called = find();
const lines = fs.readFileSync(0, "utf-8").split("\n").filter((line) => line);
lines.forEach((line, number) => {
  const given = read(JSON.parse(line));
  fs.writeSync(1, `\u001e${number}\n`);
  const told = { call: number };
  try {
    told.result = show(called(...given));
  } catch (error) {
    const isError = error instanceof Error;
    told.exception = isError ? `${error.name}: ${error.message}` : `thrown: ${error}`;
  }
  told.arguments = show(given);
  fs.writeSync(2, `\u001e${JSON.stringify(told)}\n`);
});
})();
