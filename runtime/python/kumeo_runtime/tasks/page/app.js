// The desk: sign in, the list of tasks, and the task that is open.

import { listen, listTasks, PAGE, PAGE_MAX, signIn, signOut, whoAmI } from "./api.js";
import { byId, distance, el } from "./dom.js";
import { TaskView } from "./task.js";

const state = { status: "open", words: "", shown: PAGE, view: null, source: null, me: null };

function tell(text, isWrong = false) {
  byId(isWrong ? "status" : "alert").textContent = "";
  byId(isWrong ? "alert" : "status").textContent = text;
}

function row(task) {
  const facts = [task.status === "claimed" ? `with ${task.holder}` : task.status];
  if (task.priority) facts.unshift(`priority ${task.priority}`);
  const end = task.due || task.until;
  if (end && (task.status === "open" || task.status === "claimed")) facts.push(`due ${distance(end)}`);
  else facts.push(distance(task.asked));
  const isLate = task.due && new Date(task.due) < Date.now() && !task.decision;
  return el(
    "li",
    {},
    el(
      "a",
      { href: `#task=${encodeURIComponent(task.id)}`, "data-id": task.id, class: isLate ? "late" : "" },
      el("strong", {}, task.title),
      el("span", { class: "facts" }, (isLate ? "late · " : "") + facts.join(" · ")),
    ),
  );
}

// Lists as many tasks as were unfolded: a change must not fold the list under the reader's eyes.
async function showList({ more = false, anew = false } = {}) {
  if (anew) state.shown = PAGE;
  if (more) state.shown += PAGE;
  const { status, words } = state;
  const tasks = [];
  let page = { next: null };
  do {
    page = await listTasks(status, words, page.next, Math.min(state.shown - tasks.length, PAGE_MAX));
    tasks.push(...page.tasks);
  } while (page.next !== null && tasks.length < state.shown);
  if (status !== state.status || words !== state.words) return;
  const inbox = byId("inbox");
  const focused = document.activeElement?.dataset?.id;
  inbox.replaceChildren(...tasks.map(row));
  byId("more").hidden = page.next === null;
  byId("count").textContent = page.total === 1 ? "1 task" : `${page.total} tasks`;
  mark();
  if (focused) inbox.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
}

function mark() {
  for (const link of byId("inbox").querySelectorAll("a")) {
    if (link.dataset.id === state.view?.task?.id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

async function openAsked() {
  const id = new URLSearchParams(location.hash.slice(1)).get("task");
  if (!id || !state.view) return;
  await guarded(() => state.view.open(id));
  mark();
}

async function guarded(work) {
  try {
    await work();
  } catch (error) {
    if (error.status === 401) return showLogin("Sign in again.");
    tell(error.message, true);
  }
}

function showLogin(text = "") {
  state.source?.close();
  state.view?.close();
  byId("desk").hidden = byId("me").hidden = byId("leave").hidden = true;
  byId("login").hidden = false;
  byId("token").focus();
  tell(text, Boolean(text));
}

async function showDesk(me) {
  state.me = me;
  state.view = new TaskView(me, tell);
  byId("workflow").textContent = me.workflow;
  document.title = `Tasks of ${me.workflow}`;
  byId("me").textContent = [me.name, ...me.groups].join(" · ");
  byId("login").hidden = true;
  byId("desk").hidden = byId("me").hidden = byId("leave").hidden = false;
  tell("");
  await showList();
  await openAsked();
  state.source?.close();
  let isWaiting = false;
  state.source = listen(() => {
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(() => {
      isWaiting = false;
      guarded(async () => {
        await showList();
        await state.view.refresh();
      });
    }, 200);
  });
}

byId("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token").value;
  byId("token").value = "";
  signIn(token).then(showDesk, (error) => showLogin(error.status === 401 ? "This token is not known." : error.message));
});
byId("leave").addEventListener("click", () => signOut().then(() => showLogin()));
byId("more").addEventListener("click", () => guarded(() => showList({ more: true })));
byId("search").addEventListener("input", (event) => {
  state.words = event.target.value.trim();
  clearTimeout(state.typing);
  state.typing = setTimeout(() => guarded(() => showList({ anew: true })), 200);
});
for (const button of document.querySelectorAll("[data-status]")) {
  button.addEventListener("click", () => {
    state.status = button.dataset.status;
    for (const other of document.querySelectorAll("[data-status]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    guarded(() => showList({ anew: true }));
  });
}
document.addEventListener("changed", () => guarded(() => showList()));
window.addEventListener("hashchange", openAsked);
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey) return;
  const links = [...byId("inbox").querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
  if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  if (event.key === "/") {
    event.preventDefault();
    byId("search").focus();
  }
});

async function start() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token");
  if (token) {
    given.delete("token");
    history.replaceState(null, "", given.size ? `#${given}` : location.pathname);
    return showDesk(await signIn(token));
  }
  const me = await whoAmI();
  return me ? showDesk(me) : showLogin();
}

start().catch((error) => showLogin(error.status === 401 ? "" : error.message));
