// Elements from data. Text is always set as text: nothing of a task is read as HTML.

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value === "boolean") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const byId = (id) => document.getElementById(id);
export const spaced = (name) => name.replaceAll("_", " ");

export function moment(text) {
  const time = el("time", { datetime: text, title: text });
  time.textContent = new Date(text).toLocaleString(undefined, {
    dateStyle: "medium",
    timeStyle: "short",
  });
  return time;
}

// How long it is until a moment: "in 3 hours", "2 days ago".
export function distance(text) {
  const seconds = (new Date(text) - Date.now()) / 1000;
  const shown = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return shown.format(Math.round(seconds / size), unit);
  }
  return shown.format(Math.round(seconds), "second");
}

// A value of JSON as a list of names and values, a table or text.
export function shownValue(value) {
  if (value === null || value === undefined) return el("span", { class: "none" }, "none");
  if (Array.isArray(value)) return shownList(value);
  if (typeof value === "object") return shownObject(value);
  if (typeof value === "boolean") return document.createTextNode(value ? "yes" : "no");
  return el("span", { class: "text" }, String(value));
}

function shownObject(value) {
  const rows = Object.entries(value).map(([name, inner]) =>
    el("div", {}, el("dt", {}, spaced(name)), el("dd", {}, shownValue(inner))),
  );
  return rows.length ? el("dl", {}, ...rows) : el("span", { class: "none" }, "none");
}

function shownList(items) {
  if (!items.length) return el("span", { class: "none" }, "none");
  const isTable = items.every((i) => i !== null && typeof i === "object" && !Array.isArray(i));
  if (!isTable) return el("ul", {}, ...items.map((item) => el("li", {}, shownValue(item))));
  const names = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const head = el("tr", {}, ...names.map((n) => el("th", { scope: "col" }, spaced(n))));
  const rows = items.map((item) =>
    el("tr", {}, ...names.map((name) => el("td", {}, shownValue(item[name])))),
  );
  return el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
}
