// Fields for a JSON schema. Each is { element, read() }; read gives the value as it stands.
// A field has the id `f:PATH`, such as `f:form.limit`, which is how errors of the service name it.

import { el, spaced } from "./dom.js";
import { exact } from "./exact.js";

export function field(schema, value, path, label, isRequired = true) {
  const option = optionOf(schema);
  if (option !== null) return optional(option, value, path, label);
  if (schema.enum) return choice(schema.enum, value, path, label, isRequired);
  switch (schema.type) {
    case "object":
      return schema.properties ? group(schema, value, path, label) : free(value, path, label);
    case "array":
      return list(schema, value, path, label);
    case "boolean":
      return check(value, path, label);
    case "integer":
    case "number":
      return number(schema, value, path, label, isRequired);
    case "string":
      return text(schema, value, path, label, isRequired);
    default:
      return free(value, path, label);
  }
}

function optionOf(schema) {
  const kinds = schema.anyOf || [];
  const isOption = kinds.length === 2 && kinds.some((kind) => kind.type === "null");
  return isOption ? kinds.find((kind) => kind.type !== "null") : null;
}

function labelled(input, path, label, note = "") {
  input.id = `f:${path}`;
  const help = note ? el("span", { class: "note", id: `n:${path}` }, note) : null;
  const problem = el("span", { class: "problem", id: `e:${path}` });
  input.setAttribute("aria-describedby", `${note ? `n:${path} ` : ""}e:${path}`);
  const name = el("label", { for: input.id }, spaced(label));
  return el("div", { class: "field" }, name, input, help, problem);
}

function text(schema, value, path, label, isRequired) {
  const given = value ?? "";
  const input = schema.format ? el("input", { type: "text" }) : el("textarea", { rows: "1" });
  input.value = given;
  const start = input.value; // The browser may write ends of lines in its own way.
  input.required = isRequired && Boolean(schema.format);
  const note = schema.format === "date-time" ? "a time such as 2026-01-31T12:00:00Z" : "";
  return { element: labelled(input, path, label, note), read: () => (input.value === start ? given : input.value) };
}

function number(schema, value, path, label, isRequired) {
  const step = schema.type === "integer" ? "1" : "any";
  const input = el("input", { type: "number", step, required: isRequired });
  input.value = value ?? "";
  const read = () => (input.value === "" ? null : numberOf(input.value));
  return { element: labelled(input, path, label, schema.description), read };
}

function numberOf(text) {
  const isLong = /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text));
  return isLong ? BigInt(text) : Number(text);
}

function check(value, path, label) {
  const input = el("input", { type: "checkbox" });
  input.checked = value === true;
  return { element: labelled(input, path, label), read: () => input.checked };
}

function choice(names, value, path, label, isRequired) {
  const isFixed = isRequired && names.includes(value);
  const empty = isFixed ? [] : [el("option", { value: "" }, isRequired ? "choose …" : "none")];
  const options = names.map((name) => el("option", { value: name }, spaced(name)));
  const input = el("select", { required: isRequired }, ...empty, ...options);
  input.value = value ?? "";
  return { element: labelled(input, path, label), read: () => input.value || null };
}

// A value that may be missing: a box says whether it is there.
function optional(schema, value, path, label) {
  const inner = field(schema, value, path, label, false);
  if (["string", "integer", "number"].includes(schema.type) || schema.enum) {
    const read = () => (inner.read() === "" && value !== "" ? null : inner.read());
    return { element: inner.element, read };
  }
  const box = el("input", { type: "checkbox", id: `o:${path}` });
  box.checked = value !== null && value !== undefined;
  const show = () => (inner.element.hidden = !box.checked);
  box.addEventListener("change", show);
  show();
  const name = el("label", { for: box.id }, `${spaced(label)} is given`);
  const element = el("div", { class: "optional" }, el("div", { class: "field" }, name, box), inner.element);
  return { element, read: () => (box.checked ? inner.read() : null) };
}

function group(schema, value, path, label) {
  const required = new Set(schema.required || []);
  const parts = Object.entries(schema.properties).map(([name, kind]) => [
    name,
    field(kind, value?.[name], `${path}.${name}`, name, required.has(name)),
  ]);
  const legend = label ? el("legend", {}, spaced(label)) : null;
  const problem = el("span", { class: "problem", id: `e:${path}` });
  const element = el("fieldset", { id: `f:${path}`, tabindex: "-1" }, legend, problem, ...parts.map(([, p]) => p.element));
  return { element, read: () => Object.fromEntries(parts.map(([n, p]) => [n, p.read()])) };
}

function list(schema, value, path, label) {
  let parts = [];
  const rows = el("ol", {});
  const draw = (values) => {
    parts = values.map((item, i) => field(schema.items || {}, item, `${path}[${i}]`, `${label} ${i + 1}`));
    rows.replaceChildren(...parts.map((part, i) => el("li", {}, part.element, remove(i))));
  };
  const read = () => parts.map((part) => part.read());
  const remove = (i) =>
    el("button", { type: "button", class: "quiet", "aria-label": `Remove ${spaced(label)} ${i + 1}`, onclick: () => draw(read().filter((_, at) => at !== i)) }, "Remove");
  const add = el("button", { type: "button", class: "quiet", onclick: () => draw([...read(), undefined]) }, `Add to ${spaced(label)}`);
  draw(value || []);
  const problem = el("span", { class: "problem", id: `e:${path}` });
  const element = el("fieldset", { id: `f:${path}`, tabindex: "-1" }, el("legend", {}, spaced(label)), problem, rows, add);
  return { element, read };
}

function free(value, path, label) {
  const input = el("textarea", { rows: "4", class: "code", spellcheck: "false" });
  input.value = value === undefined ? "" : JSON.stringify(value, null, 2);
  const read = () => {
    if (input.value.trim() === "") return null;
    try {
      return exact(input.value);
    } catch {
      throw new FieldProblem(path, "this is no JSON");
    }
  };
  return { element: labelled(input, path, label, "a value of JSON"), read };
}

export class FieldProblem extends Error {
  constructor(path, message) {
    super(message);
    this.path = path;
  }
}

// Write errors beside their fields and go to the first one; return those that have no field.
export function showErrors(root, errors) {
  for (const old of root.querySelectorAll(".problem")) old.textContent = "";
  for (const old of root.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  const places = errors.map((error) => [error, placeOf(error.field)]);
  for (const [error, place] of places) {
    if (!place) continue;
    document.getElementById(`e:${place}`).textContent = error.message;
    document.getElementById(`f:${place}`)?.setAttribute("aria-invalid", "true");
  }
  const first = places.find(([, place]) => place);
  if (first) document.getElementById(`f:${first[1]}`)?.focus();
  return places.filter(([, place]) => !place).map(([error]) => error);
}

// The longest beginning of a path that has a place on the page. Keys of maps may hold anything.
function placeOf(path) {
  for (let place = path; place; place = place.slice(0, Math.max(0, ...[".", "["].map((c) => place.lastIndexOf(c))))) {
    if (document.getElementById(`e:${place}`)) return place;
  }
  return null;
}
