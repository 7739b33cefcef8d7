// Requests to the service. The session is a cookie; what changes something carries the CSRF header.

import { exact } from "./exact.js";

const ROOT = "/api/v1";
let key = "";

export class Problem extends Error {
  constructor(status, data) {
    super(data.detail || data.title || `error ${status}`);
    this.status = status;
    this.code = data.code || "";
    this.errors = data.errors || [];
  }
}

async function send(method, path, { body, revision } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (revision !== undefined) headers["If-Match"] = `"${revision}"`;
  if (method !== "GET") headers["X-Kumeo-CSRF"] = key;
  let answer;
  try {
    const content = body === undefined ? undefined : JSON.stringify(body);
    answer = await fetch(ROOT + path, { method, headers, body: content });
  } catch {
    throw new Problem(0, { code: "away", detail: "The service cannot be reached." });
  }
  if (answer.status === 204) return null;
  const data = await answer.text().then(exact).catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, data);
  return data;
}

function opened({ csrf, me }) {
  key = csrf;
  return me;
}

export const signIn = async (token) => opened(await send("POST", "/session", { body: { token } }));

// The session of this browser, if there is one: after a reload, and in another tab.
export async function whoAmI() {
  try {
    return opened(await send("GET", "/session"));
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

export async function signOut() {
  await send("DELETE", "/session").catch(() => null);
  key = "";
}

export const PAGE = 50;
export const PAGE_MAX = 500;

export function listTasks(status, words, after, limit = PAGE) {
  const query = new URLSearchParams({ status, limit: String(limit) });
  if (words) query.set("q", words);
  if (after) query.set("after", after);
  return send("GET", `/tasks?${query}`);
}

const path = (id, rest = "") => `/tasks/${encodeURIComponent(id)}${rest}`;
export const readTask = (id) => send("GET", path(id));
export const readTrail = (id) => send("GET", path(id, "/audit"));
export const act = (task, action, body = {}) =>
  send("POST", path(task.id, `/${action}`), { body, revision: task.revision });

export function listen(onChange) {
  const source = new EventSource(`${ROOT}/events`);
  source.onopen = onChange; // What has changed before it was open, or while it was cut, is not sent.
  source.onmessage = onChange;
  source.addEventListener("task", onChange);
  return source;
}
