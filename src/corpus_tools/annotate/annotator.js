// Words are selected and get labels. Words of the corpus become text nodes, never markup.
// The browser counts UTF-16 units and the rows count code points: `pointsOf` is where the one becomes the other.

// As `standoff.BLANK`, which is Python's white space and the byte order mark.
const BLANK = /[\s\ufeff\x1c-\x1f\x85]/u;

/** Whether a place lies between the two units of one code point. */
const splits = (text, unit) => /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(Math.max(unit - 1, 0), unit + 1));

/** A stretch in UTF-16 units as one in code points, without blanks at its ends; null where it is all blank. */
export function pointsOf(text, from, to) {
  const start = splits(text, from) ? from - 1 : from;
  const end = splits(text, to) ? to + 1 : to;
  const words = Array.from(text.slice(start, end));
  const first = words.findIndex((point) => !BLANK.test(point));
  if (first < 0) return null;
  const last = words.findLastIndex((point) => !BLANK.test(point));
  const before = Array.from(text.slice(0, start)).length;
  return [before + first, before + last + 1];
}

/** A place in code points as one in UTF-16 units. */
export const unitOf = (text, point) => Array.from(text).slice(0, point).join("").length;

/** The mark that one more would clash with by the rule of the table, if any. */
export function clash(rule, spans, made) {
  return spans.find((other) => {
    if (other.text_id !== made.text_id) return false;
    if (made.start_char >= other.end_char || other.start_char >= made.end_char) return false;
    const inside = made.start_char >= other.start_char && made.end_char <= other.end_char;
    const around = made.start_char <= other.start_char && made.end_char >= other.end_char;
    if (rule === "none") return true;
    if (rule === "nested") return inside === around;
    return inside && around && other.label === made.label;
  });
}

/** The lane of each span, as standoff.py has it: the shortest get the lowest that is free. */
export function lanes(bounds) {
  const taken = [];
  const found = bounds.map(() => 0);
  const length = (i) => bounds[i][1] - bounds[i][0];
  const order = [...bounds.keys()].sort((i, j) => length(i) - length(j) || bounds[i][0] - bounds[j][0] || i - j);
  for (const i of order) {
    const [start, end] = bounds[i];
    const free = taken.findIndex((lane) => lane.every(([s, e]) => e <= start || s >= end));
    found[i] = free < 0 ? taken.push([]) - 1 : free;
    taken[found[i]].push(bounds[i]);
  }
  return found;
}

function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function button(className, words, act) {
  const made = element("button", className, words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// The words of a text in the page: text nodes in this class, in order, and labels between them.
const pieces = (body) => Array.from(body.querySelectorAll(".ct-words"), (piece) => piece.firstChild);

/** The place in UTF-16 units of a place in the page that lies in the body of a text. */
function unitAt(body, node, offset) {
  const before = document.createRange();
  before.setStart(body, 0);
  before.setEnd(node, offset);
  let units = 0;
  for (const piece of pieces(body)) {
    if (piece === node) return units + offset;
    if (before.comparePoint(piece, piece.length) <= 0) units += piece.length;
  }
  return units;
}

/** The place in the page of a place in UTF-16 units; at a seam the end of what is before it, or the start of what is behind. */
function placeAt(body, unit, behind) {
  let left = unit;
  for (const piece of pieces(body)) {
    if (left < piece.length || (left === piece.length && !behind)) return [piece, left];
    left -= piece.length;
  }
  return [body, body.childNodes.length];
}

function shortened(words) {
  const line = words.replace(/\s+/g, " ");
  const points = Array.from(line);
  return points.length > 60 ? `${points.slice(0, 59).join("").trimEnd()}…` : line;
}

function render({ model, el }) {
  const data = model.get("data");
  const { n_kinds: nKinds, pitch, tints } = data.lines;
  const kinds = data.labels.map((label) => label.id);
  const texts = new Map(data.texts.map((text) => [text.text_id, text]));
  const bodies = new Map(); // id of a text -> its body and what is drawn in it
  const palette = new Map(); // label -> its button
  const fields = new Map(); // column -> its field, for the mark in hand
  const status = element("p", "ct-status");
  const editor = element("fieldset", "ct-editor");
  const tally = element("span", "ct-tally");
  const undoing = button("ct-step", "undo", undo);
  const gold = element("input", "");
  const scroller = element("div", "ct-texts");
  const history = [];
  let spans = model.get("spans");
  let chosen = ""; // id of the mark in hand
  let edited = ""; // what the fields of the editor are for
  let typing = ""; // the field whose changes are one change, as far as undoing goes
  let undone = false;

  const quote = (span) =>
    Array.from(texts.get(span.text_id)?.text ?? "").slice(span.start_char, span.end_char).join("");
  const told = (span) => `“${shortened(quote(span))}” (${span.label})`;
  const inHand = () => spans.find((span) => span.id === chosen);
  const labelOf = (id) => Array.from(el.querySelectorAll("[data-mark]")).find((made) => made.dataset.mark === id);
  const active = () => el.getRootNode().activeElement;
  const takes = (span) =>
    data.columns.filter((one) => !one.for_labels.length || one.for_labels.includes(span.label));
  const lacks = (span) => takes(span).some((one) => one.needed && !span.values?.[one.name]);

  function say(words, refused = false) {
    status.classList.toggle("ct-refused", refused);
    status.textContent = words;
  }

  // What is changed ------------------------------------------------------------------------------------------------

  function change(next, field = "") {
    if (!field || field !== typing) history.push(spans);
    typing = field;
    undone = true; // heard below, and not a change made elsewhere
    model.set("spans", next);
    model.save_changes();
    undone = false;
  }

  function undo() {
    if (!history.length) return say("Nothing to undo.");
    typing = "";
    undone = true;
    model.set("spans", history.pop());
    model.save_changes();
    undone = false;
    say("Undone.");
  }

  function heard() {
    if (!undone) {
      history.push(spans);
      typing = "";
    }
    spans = model.get("spans");
    draw();
  }

  /** A label was chosen: for the words selected, or else for the mark in hand. */
  function apply(label) {
    const found = selected();
    if (found?.problem) return say(found.problem, true);
    if (found) return add({ ...found, label });
    const span = inHand();
    if (!span) return say("Select words first, or choose a mark; then a label.", true);
    relabel(span, label);
  }

  function add(place) {
    const other = clash(data.overlap, spans, place);
    if (other) return say(`Not marked: ${refusal(place, other)}`, true);
    const number = model.get("next_number");
    const span = { id: `${data.prefix}${number}`, ...place, values: {} };
    model.set("next_number", number + 1);
    const before = selection().getRangeAt(0).getBoundingClientRect().top;
    chosen = span.id;
    change([...spans, span]);
    // Lines may have got further apart; the words just marked stay where they were.
    scroller.scrollTop += (labelOf(span.id)?.getBoundingClientRect().top ?? before) - before;
    caret(span.text_id, unitOf(texts.get(span.text_id).text, span.end_char));
    say(`Marked ${told(span)}.`);
  }

  function refusal(place, other) {
    const words = `“${shortened(quote(place))}”`;
    if (data.overlap === "none") return `${words} overlaps ${told(other)}; marks of ${data.table} must not overlap.`;
    if (data.overlap !== "nested") return `${words} has this label already.`;
    const same = place.start_char === other.start_char && place.end_char === other.end_char;
    if (same) return `${words} is marked already: ${told(other)}; choose that mark to change it.`;
    return `${words} crosses ${told(other)}; marks of ${data.table} may lie in each other, but not cross.`;
  }

  function relabel(span, label) {
    if (label === span.label) return;
    const next = { ...span, label };
    if (clash(data.overlap === "any" ? "any" : "", spans.filter((one) => one !== span), next)) {
      return say(`Not changed: these words have the label ${label} already.`, true);
    }
    const kept = takes(next).map((one) => one.name);
    next.values = Object.fromEntries(Object.entries(span.values ?? {}).filter(([name]) => kept.includes(name)));
    change(spans.map((one) => (one === span ? next : one)));
    say(`Changed to ${told(next)}.`);
  }

  function remove(span) {
    chosen = "";
    change(spans.filter((one) => one !== span));
    bodies.get(span.text_id)?.body.focus({ preventScroll: true });
    caret(span.text_id, unitOf(texts.get(span.text_id)?.text ?? "", span.start_char));
    say(`Deleted ${told(span)}.`);
  }

  function fill(name, value) {
    const span = inHand();
    if (!span) return;
    const values = { ...span.values, [name]: value };
    if (!value) delete values[name];
    change(spans.map((one) => (one === span ? { ...span, values } : one)), `${span.id} ${name}`);
  }

  // What is selected -----------------------------------------------------------------------------------------------

  const selection = () => el.getRootNode().getSelection?.() ?? document.getSelection();

  /** For each text that the selection reaches into: its id and the stretch in UTF-16 units. */
  function reached() {
    const now = selection();
    if (!now?.rangeCount) return [];
    const range = now.getRangeAt(0);
    return [...bodies].flatMap(([id, { body }]) => {
      if (!range.intersectsNode(body)) return [];
      const inside = (node) => body.contains(node);
      const from = inside(range.startContainer) ? unitAt(body, range.startContainer, range.startOffset) : 0;
      const to = inside(range.endContainer)
        ? unitAt(body, range.endContainer, range.endOffset)
        : texts.get(id).text.length;
      return [{ id, from, to }];
    });
  }

  /** The words selected, as a place; what is wrong with them; or null for none. */
  function selected() {
    if (!selection() || selection().isCollapsed) return null;
    const places = reached().flatMap(({ id, from, to }) => {
      const found = pointsOf(texts.get(id).text, from, to);
      return found ? [{ text_id: id, start_char: found[0], end_char: found[1] }] : [];
    });
    if (places.length > 1) {
      return { problem: "Not marked: the selection goes over two texts; select words of one." };
    }
    if (!places.length) return reached().length ? { problem: "Not marked: only blanks are selected." } : null;
    return places[0];
  }

  function select(id, from, to) {
    const { body } = bodies.get(id);
    selection().setBaseAndExtent(...placeAt(body, from, from < to), ...placeAt(body, to, false));
  }

  const caret = (id, unit) => bodies.has(id) && select(id, unit, unit);

  /** Go from word to word, or with Alt from character to character; with Shift stretch or shrink the selection. */
  function step(id, event) {
    const { text, language } = texts.get(id);
    const granularity = event.altKey ? "grapheme" : "word";
    const cutter = new Intl.Segmenter(language || undefined, { granularity });
    const parts = Array.from(cutter.segment(text), ({ segment, index }) => [index, index + segment.length, segment])
      .filter(([, , segment]) => !/^\s*$/.test(segment));
    const { from, to } = reached().find((one) => one.id === id) ?? { from: 0, to: 0 };
    const forward = event.key === "ArrowRight";
    let [start, end] = [from, to];
    if (event.shiftKey) {
      const next = forward ? parts.find((part) => part[1] > to) : parts.findLast((part) => part[1] < to && part[1] > from);
      end = next?.[1] ?? to;
      if (from === to && next) start = next[0];
    } else {
      const next = forward ? parts.find((part) => part[0] >= to) : parts.findLast((part) => part[1] <= from);
      [start, end] = next ?? [from, to];
    }
    select(id, start, end);
    selection().focusNode.parentElement?.scrollIntoView({ block: "nearest" });
    choose("");
    if (start < end) say(`Selected: “${shortened(text.slice(start, end))}”`);
  }

  // What is shown --------------------------------------------------------------------------------------------------

  /** Take a mark in hand, or put it down. */
  function choose(id) {
    chosen = id;
    typing = "";
    light();
    edit();
  }

  function draw() {
    const shown = gold.checked ? [...data.gold.map((span) => ({ ...span, gold: true })), ...spans] : spans;
    for (const [id, drawn] of bodies) {
      const marks = shown.filter((span) => span.text_id === id);
      const state = JSON.stringify(marks.map((one) => [one.id, one.start_char, one.end_char, one.label, !!one.gold]));
      // What is as it was stays, and with it the selection and the focus.
      if (state !== drawn.state) drawBody(drawn, texts.get(id), marks);
      drawn.state = state;
    }
    const open = spans.filter(lacks).length;
    const count = spans.length === 1 ? "1 mark" : `${spans.length} marks`;
    tally.textContent = open ? `${count}, ${open} with a field to fill` : count;
    undoing.disabled = !history.length;
    light();
    edit();
  }

  /** Show which mark is in hand, which has its label, and which marks have a field to fill. */
  function light() {
    const span = inHand();
    const open = new Set(spans.filter(lacks).map((one) => one.id));
    for (const { body } of bodies.values()) {
      for (const piece of body.querySelectorAll("[data-marks]")) {
        piece.classList.toggle("ct-here", !!span && piece.dataset.marks.split("\n").includes(span.id));
      }
      for (const label of body.querySelectorAll("[data-mark]")) {
        label.classList.toggle("ct-here", label.dataset.mark === span?.id);
        label.classList.toggle("ct-open", open.has(label.dataset.mark));
      }
    }
    for (const [label, made] of palette) {
      if (span) made.setAttribute("aria-pressed", String(label === span.label));
      else made.removeAttribute("aria-pressed");
    }
  }

  function drawBody(drawn, row, marks) {
    const { body } = drawn;
    const points = Array.from(row.text);
    const inside = (n) => Math.min(Math.max(n, 0), points.length);
    const bounds = marks.map((mark) => [inside(mark.start_char), inside(mark.end_char)]);
    const lane = lanes(bounds);
    const edges = [...new Set([0, points.length, ...bounds.flat()])].sort((a, b) => a - b);
    const length = (i) => bounds[i][1] - bounds[i][0];
    const longest = [...marks.keys()].sort((i, j) => length(j) - length(i) || i - j);
    body.replaceChildren();
    body.style.setProperty("--n", String(Math.max(-1, ...lane) + 1));
    const paint = (content, covering, end) => {
      const layers = covering.map((i) => {
        const reach = bounds[i][1] === end ? "var(--e)" : "var(--t)";
        return `var(--i${line(marks[i].label)}) 0 calc(1.15em + ${lane[i] * pitch}px)/${reach}`;
      });
      const own = covering.filter((i) => !marks[i].gold);
      layers.push("var(--h,none)");
      if (own.length) layers.push(tint(marks[own.at(-1)].label));
      const span = element("span", "ct-span", ...content);
      span.style.background = layers.join(",");
      if (own.length) span.dataset.marks = own.map((i) => marks[i].id).join("\n");
      return span;
    };
    edges.forEach((start, n) => {
      const end = edges[n + 1] ?? start;
      const covering = longest.filter((i) => bounds[i][0] <= start && bounds[i][1] > start);
      const through = covering.filter((i) => bounds[i][0] < start);
      const begun = longest.filter((i) => bounds[i][0] === start).map((i) => label(marks[i]));
      if (begun.length) body.append(...(through.length ? [paint(begun, through, null)] : begun));
      const words = points.slice(start, end).join("");
      if (!words) return;
      if (!covering.length) return body.append(...words.match(/\n|[^\n]+/g).map(run));
      const span = paint([words], covering, end);
      span.classList.add("ct-words");
      body.append(span);
    });
  }

  // A line without words needs no room for lines under them.
  const run = (words) => element("span", words === "\n" ? "ct-words" : "ct-run ct-words", words);

  const line = (label) => Math.max(kinds.indexOf(label), 0) % nKinds;

  function tint(label) {
    const colour = tints[Math.max(kinds.indexOf(label), 0) % tints.length];
    return `linear-gradient(${colour},${colour}) 0 0/100% 1.15em no-repeat`;
  }

  function label(mark) {
    const made = mark.gold
      ? element("span", "ct-label ct-gold", `gold: ${mark.label}`)
      : button("ct-label ct-click", mark.label, () => take(mark.id));
    made.style.setProperty("--i", `var(--i${line(mark.label)})`);
    if (mark.gold) {
      made.title = mark.reason ?? "";
    } else {
      made.title = palette.get(mark.label)?.title ?? "";
      made.dataset.mark = mark.id;
      made.setAttribute("aria-label", `${mark.label}: ${shortened(quote(mark))}`);
    }
    const whole = document.createDocumentFragment();
    whole.append(document.createElement("wbr"), made);
    return whole;
  }

  /** Take a mark in hand by its label, and go on to its fields. */
  function take(id) {
    selection()?.removeAllRanges();
    choose(id);
    say(`In hand: ${told(inHand())}.`);
    editor.querySelector("select")?.focus({ preventScroll: true });
  }

  function edit() {
    const span = inHand();
    editor.hidden = !span;
    const state = span ? JSON.stringify([span.id, span.label, span.start_char, span.end_char]) : "";
    if (state !== edited) {
      const focused = editor.contains(active());
      edited = state;
      fields.clear();
      editor.replaceChildren(...(span ? build(span) : []));
      if (focused) editor.querySelector("select")?.focus({ preventScroll: true });
    }
    for (const [name, field] of fields) {
      const value = span.values?.[name] ?? "";
      if (field.value !== value) field.value = value;
    }
  }

  /** The fields of a mark. */
  function build(span) {
    const labels = element("select", "", ...kinds.map((name) => new Option(name, name)));
    labels.value = span.label;
    labels.addEventListener("change", () => relabel(inHand(), labels.value));
    const made = takes(span).map((column) => {
      const field = fieldOf(column);
      fields.set(column.name, field);
      field.addEventListener("input", () => fill(column.name, field.value));
      field.required = column.needed;
      const named = element("label", "", `${column.name}${column.needed ? " (needed)" : ""} `, field);
      named.title = column.description;
      return named;
    });
    return [
      element("legend", "", `“${shortened(quote(span))}”`),
      element("label", "", "label ", labels),
      ...made,
      button("ct-step", "delete", () => remove(inHand())),
      button("ct-step", "done", putDown),
    ];
  }

  function fieldOf(column) {
    if (!column.choices.length) return element(column.several ? "textarea" : "input", "");
    const options = column.choices.map((name) => {
      const option = new Option(name, name);
      option.title = Object.hasOwn(column.meanings, name) ? column.meanings[name] : "";
      return option;
    });
    return element("select", "", new Option("", ""), ...options);
  }

  function putDown() {
    const id = chosen;
    choose("");
    say("");
    labelOf(id)?.focus({ preventScroll: true });
  }

  // What is there from the beginning -------------------------------------------------------------------------------

  function head() {
    const said = `Annotator: ${data.annotator}.${data.blind ? " Blind: gold stays hidden until you ask for the score." : ""}`;
    const meanings = data.labels.flatMap(({ id, definition, test }) => [
      element("dt", "", swatch(id), id),
      element("dd", "", [definition, test].filter(Boolean).join(" ")),
    ]);
    const keys = [
      ["1 … 9", "give the selected words, or the mark in hand, the label with this number"],
      ["→ ←", "in a text: select the next or the previous word"],
      ["Shift → ←", "stretch or shrink the selection by a word; with Alt by a character"],
      ["Delete", "delete the mark in hand"],
      ["Ctrl Z", "undo"],
      ["Esc", "put the mark down, select nothing"],
    ].flatMap(([key, does]) => [element("dt", "", key), element("dd", "", does)]);
    return element(
      "div", "ct-about", element("p", "ct-title", data.title), element("p", "", said),
      element("p", "", "Select words, then choose a label. Choose a mark by its label to change it."),
      element("details", "", element("summary", "", "What the labels mean"), element("dl", "", ...meanings)),
      element("details", "", element("summary", "", "Keys"), element("dl", "", ...keys)),
    );
  }

  function swatch(label) {
    const made = element("span", "ct-swatch");
    made.style.setProperty("--i", `var(--i${line(label)})`);
    return made;
  }

  function tools() {
    const made = element("div", "ct-palette");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", "Labels");
    data.labels.forEach(({ id, definition, test }, n) => {
      const one = button("ct-choice", "", () => apply(id));
      if (n < 9) one.append(element("kbd", "", String(n + 1)), " ");
      one.append(swatch(id), id);
      one.style.setProperty("--tint", tints[n % tints.length]);
      one.title = [definition, test].filter(Boolean).join(" ");
      palette.set(id, one);
      made.append(one);
    });
    // A click on a label leaves the selection and the focus in the text.
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.append(undoing, tally);
    if (!data.gold.length) return made;
    gold.type = "checkbox";
    gold.addEventListener("change", draw);
    made.append(element("label", "ct-show", gold, " show gold"));
    return made;
  }

  function article(row) {
    const head = element("p", "ct-head", row.text_id);
    if (row.byline) head.append(" ", element("span", "ct-byline", row.byline));
    const body = element("div", "ct-body");
    if (row.language) body.lang = row.language;
    body.dir = "auto";
    body.tabIndex = 0;
    body.setAttribute("role", "group");
    body.setAttribute("aria-label", `words of ${row.text_id}`);
    body.addEventListener("click", clicked);
    body.addEventListener("mousedown", (event) => {
      // Else words that are selected already would be dragged away, where others among them are to be selected.
      if (event.button === 0 && !event.shiftKey) selection()?.removeAllRanges();
    });
    body.addEventListener("keydown", (event) => {
      if (event.target !== body || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      step(row.text_id, event);
    });
    bodies.set(row.text_id, { body, state: null });
    return element("article", `ct-text ct-${row.kind}`, head, body);
  }

  /** A click into words takes the innermost mark over them in hand; one beside all marks puts down what was. */
  function clicked(event) {
    if (event.target.closest("button") || !selection()?.isCollapsed) return;
    const over = event.target.closest("[data-marks]")?.dataset.marks.split("\n") ?? [];
    choose(over.at(-1) ?? "");
    say(chosen ? `In hand: ${told(inHand())}.` : "");
  }

  function pressed(event) {
    const typed = event.target.closest("input,select,textarea");
    if (event.key === "Escape") {
      if (chosen) putDown();
      else selection()?.removeAllRanges();
    } else if (typed) {
      return;
    } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      undo();
    } else if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (/^[1-9]$/.test(event.key) && data.labels[event.key - 1]) {
      apply(data.labels[event.key - 1].id);
    } else if ((event.key === "Delete" || event.key === "Backspace") && inHand()) {
      remove(inHand());
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Words that are being selected take the place of the mark in hand. */
  function reselected() {
    if (!chosen || !selection() || selection().isCollapsed || !reached().length) return;
    if (editor.contains(active())) return;
    choose("");
    say("");
  }

  const section = element("section", "ct-thread ct-annotator", head(), tools());
  section.setAttribute("aria-label", data.title);
  // Keys that are pressed here are not the notebook's, where D twice deletes the cell: JupyterLab looks for this
  // attribute, and first of all at what has the focus.
  section.dataset.lmSuppressShortcuts = "true";
  section.addEventListener("focusin", (event) => (event.target.dataset.lmSuppressShortcuts = "true"));
  section.addEventListener("keydown", pressed);
  status.setAttribute("role", "status");
  // The texts scroll between the labels and the fields, which so are always in reach, in notebooks too.
  scroller.append(...data.texts.map(article));
  section.append(scroller, element("div", "ct-hand", status, editor));
  el.append(section);
  draw();
  document.addEventListener("selectionchange", reselected);
  model.on("change:spans", heard);
  return () => {
    document.removeEventListener("selectionchange", reselected);
    model.off("change:spans", heard);
  };
}

export default { render };
