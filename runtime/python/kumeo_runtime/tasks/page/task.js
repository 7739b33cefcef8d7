// One task: what is asked, the fields, the decisions, what was done.

import { act, readTask, readTrail } from "./api.js";
import { byId, el, moment, shownValue, spaced } from "./dom.js";
import { field, FieldProblem, showErrors } from "./fields.js";

const SAID = {
  claim: "You have the task.",
  release: "The task is given back.",
  delegate: "The task is passed on.",
  comment: "Noted.",
};

export class TaskView {
  constructor(me, tell) {
    this.me = me;
    this.tell = tell;
    this.root = byId("detail");
    this.task = null;
    this.isTouched = false;
    this.root.addEventListener("input", () => (this.isTouched = true));
  }

  async open(id, { focus = true } = {}) {
    this.task = await readTask(id);
    await this.draw();
    if (focus) this.root.focus();
  }

  // Another tab or person has changed the task: take the news unless something is being written.
  async refresh() {
    if (!this.task) return;
    const news = await readTask(this.task.id).catch((error) => this.gone(error));
    if (!news) return;
    if (news.revision === this.task.revision) return;
    if (this.isTouched && news.status === "claimed" && news.holder === this.me.name) {
      this.task = { ...this.task, revision: news.revision };
      return;
    }
    this.task = news;
    await this.draw();
    this.tell("This task has changed.");
  }

  close() {
    this.task = null;
    this.root.replaceChildren(el("p", { class: "empty" }, "Choose a task."));
  }

  async draw() {
    const task = this.task;
    this.isTouched = false;
    this.root.setAttribute("aria-label", task.title);
    this.root.replaceChildren(
      el("h2", {}, task.title),
      this.facts(),
      task.instructions ? el("p", { class: "instructions" }, task.instructions) : "",
      el("section", { "aria-label": "What is asked" }, this.asked()),
      this.answer(),
      this.buttons(),
      this.form(),
      this.notes(),
      await this.trail(),
    );
  }

  facts() {
    const task = this.task;
    const parts = [el("span", { class: `badge ${task.status}` }, task.status)];
    if (task.priority) parts.push(`priority ${task.priority}`);
    parts.push(task.holder ? `with ${task.holder}` : `for ${task.assignees.join(", ") || "everybody"}`);
    if (task.due) parts.push(el("span", {}, "due ", moment(task.due)));
    if (task.until && task.status !== "decided") {
      parts.push(el("span", {}, `then ${task.on_timeout}: `, moment(task.until)));
    }
    parts.push(el("span", { class: "quiet" }, `event ${task.event_id}`));
    return el("p", { class: "facts" }, ...parts);
  }

  asked() {
    const { input, text } = this.task;
    return input === null && text ? el("pre", { class: "text" }, text) : shownValue(input);
  }

  answer() {
    const { answer } = this.task;
    if (!answer) return "";
    const said = answer.decision ? `${spaced(answer.decision)}, by ${answer.by}, ` : "no answer, ";
    const parts = [el("p", {}, said, moment(answer.at))];
    if (answer.form) parts.push(shownValue(answer.form));
    if (answer.is_edited) parts.push(el("h4", {}, "Edited"), shownValue(answer.value));
    return el("section", { class: "answer", "aria-label": "Answer" }, el("h3", {}, "Answer"), ...parts);
  }

  buttons() {
    const { may, holder } = this.task;
    const made = [];
    if (may.includes("claim") && holder !== this.me.name) made.push(this.button("Claim", () => this.act("claim")));
    if (may.includes("release")) made.push(this.button("Release", () => this.act("release")));
    const row = el("p", { class: "buttons" }, ...made);
    if (!may.includes("delegate")) return row;
    const names = [...this.me.people.filter((n) => n !== this.task.holder), ...this.me.teams];
    if (!names.length) return row;
    const options = names.map((name) => el("option", { value: name }, name));
    const to = el("select", { id: "f:to", "aria-describedby": "e:to" }, ...options);
    const give = this.button("Delegate", () => this.act("delegate", { to: to.value }));
    row.append(el("label", { for: "f:to" }, "to"), to, give, el("span", { class: "problem", id: "e:to" }));
    return row;
  }

  button(name, onclick, kind = "") {
    return el("button", { type: "button", class: kind, onclick }, name);
  }

  form() {
    const task = this.task;
    if (!task.may.includes("decide")) return "";
    const edit = task.has_edit ? field(task.edit_schema || {}, task.edit, "value", "value") : null;
    const filled = task.form_schema ? field(task.form_schema, {}, "form", "") : null;
    const comment = el("textarea", { id: "f:decide-comment", rows: "2" });
    const decide = async (decision) => {
      const body = { decision, comment: comment.value };
      if (filled) body.form = filled.read();
      if (edit && JSON.stringify(edit.read()) !== JSON.stringify(task.edit)) body.value = edit.read();
      await this.act("decide", body, `Decided: ${spaced(decision)}.`);
    };
    const names = task.decisions.length ? task.decisions : ["done"];
    const buttons = names.map((name, i) =>
      el("button", { type: "submit", value: name, class: i ? "" : "first" }, spaced(name)),
    );
    const onsubmit = (event) => {
      event.preventDefault();
      this.guarded(() => decide(event.submitter?.value || names[0]));
    };
    return el(
      "form",
      { class: "decide", "aria-label": "Decision", onsubmit, novalidate: "" },
      el("h3", {}, "Your decision"),
      edit ? edit.element : "",
      filled ? filled.element : "",
      el("div", { class: "field" }, el("label", { for: comment.id }, "comment (may stay empty)"), comment),
      el("span", { class: "problem", id: "e:decision" }),
      el("p", { class: "buttons" }, ...buttons),
    );
  }

  notes() {
    if (!this.task.may.includes("comment")) return "";
    const input = el("textarea", { id: "f:comment", rows: "2", "aria-describedby": "e:comment" });
    const onsubmit = (event) => {
      event.preventDefault();
      this.act("comment", { comment: input.value });
    };
    return el(
      "form",
      { class: "note-form", onsubmit, "aria-label": "Comment" },
      el("label", { for: input.id }, "Write a comment"),
      input,
      el("span", { class: "problem", id: "e:comment" }),
      el("button", { type: "submit", class: "quiet" }, "Comment"),
    );
  }

  async trail() {
    const { entries, is_intact: isIntact } = await readTrail(this.task.id);
    const rows = entries.map((entry) => el("li", {}, ...entryParts(entry)));
    const warning = isIntact ? "" : el("p", { class: "problem" }, "Entries of this trail are missing or changed.");
    return el("details", { open: true }, el("summary", {}, `History (${entries.length})`), warning, el("ol", { class: "trail" }, ...rows));
  }

  act(action, body = {}, said = "") {
    return this.guarded(async () => {
      this.task = await act(this.task, action, body);
      this.tell(said || SAID[action] || "Done.");
      await this.draw().catch((error) => this.gone(error));
      this.root.dispatchEvent(new CustomEvent("changed", { bubbles: true }));
      this.root.focus();
    });
  }

  // Who has passed a task on may have no right to see it any more.
  gone(error) {
    if (error.status !== 403 && error.status !== 404) throw error;
    this.close();
  }

  // Do something; what the service says against it is shown where it belongs.
  async guarded(work) {
    showErrors(this.root, []);
    try {
      await work();
    } catch (error) {
      if (error instanceof FieldProblem) {
        showErrors(this.root, [{ field: error.path, message: error.message }]);
        return;
      }
      await this.failed(error);
    }
  }

  async failed(error) {
    if (error.code === "stale" || error.code === "held" || error.code === "closed") {
      await this.open(this.task.id, { focus: false });
      this.tell(`Nothing is done: ${error.message}. The task is shown as it is now.`, true);
      return;
    }
    const left = showErrors(this.root, error.errors || []);
    const texts = left.map((each) => `${each.field}: ${each.message}`);
    if (texts.length || !(error.errors || []).length) this.tell([error.message, ...texts].join("; "), true);
    else this.tell("Some fields do not fit.", true);
  }
}

function entryParts(entry) {
  const what = [spaced(entry.action.replaceAll("-", " "))];
  if (entry.decision) what.push(`: ${spaced(entry.decision)}`);
  if (entry.to.length) what.push(` to ${entry.to.join(", ")}`);
  const parts = [moment(entry.at), " ", el("b", {}, entry.by), ` ${what.join("")}`];
  if (entry.comment) parts.push(el("blockquote", {}, entry.comment));
  for (const change of entry.changes) {
    const was = JSON.stringify(change.before), is = JSON.stringify(change.after);
    parts.push(el("p", { class: "change" }, el("code", {}, change.path || "value"), " ", el("del", {}, was), " ", el("ins", {}, is)));
  }
  return parts;
}

