// A thread with the layers and the pass that are chosen. Words of the corpus become text nodes, never markup.
// Offsets count code points, so texts are cut as arrays of code points, never as strings of UTF-16 units.

// A label may be called what every object has, such as "constructor"; only what was put into the object counts.
const entry = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

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

function render({ model, el }) {
  const data = model.get("data");
  const { n_kinds: nKinds, pitch, tints } = data.lines;
  const boxes = new Map();
  const select = element("select", "");
  const key = element("p", "");
  const status = element("div", "ct-status");
  const body = element("div", "");
  let shown; // what the state asks for, taken out of the data: rows, and where they are drawn

  const set = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };

  function controls() {
    const fields = element("fieldset", "ct-controls", element("legend", "", "Layers"));
    for (const { name } of data.layers) {
      const box = element("input", "");
      box.type = "checkbox";
      box.addEventListener("change", () => {
        set("layers", data.layers.map((layer) => layer.name).filter((layer) => boxes.get(layer).checked));
      });
      boxes.set(name, box);
      fields.append(element("label", "ct-name", box, ` ${name}`));
    }
    select.append(...Object.keys(data.passes).map((name) => new Option(name, name)));
    select.addEventListener("change", () => set("annotator", select.value));
    status.setAttribute("role", "status");
    const pass = element("label", "", "Annotator ", select);
    const about = element("div", "ct-about", element("p", "ct-title", data.title), fields, pass, key);
    const section = element("section", "ct-thread", about, status, body);
    section.setAttribute("aria-label", data.title);
    el.append(section);
  }

  /** Take out of the data what the state asks for. */
  function choose() {
    const layers = data.layers.filter((layer) => model.get("layers").includes(layer.name));
    const tables = new Set(layers.flatMap((layer) => layer.tables));
    const pass = data.passes[model.get("annotator")];
    const kept = ({ columns, rows }) =>
      rows
        .map((row) => Object.fromEntries(row.map((value, i) => [columns[i], value])))
        .filter((row) => !row.table || tables.has(row.table));
    const marks = kept(pass.marks);
    const placed = Object.keys(data.names).filter((table) => tables.has(table));
    const chains = new Map();
    for (const mark of marks.filter((one) => one.chain)) {
      chains.set(mark.chain, [...(chains.get(mark.chain) ?? []), mark]);
    }
    shown = {
      pass, marks, placed, chains,
      links: kept(pass.links),
      remarks: kept(pass.remarks),
      answers: kept(pass.answers),
      layers: new Set(layers.map((layer) => layer.layer)),
      // One layer has a line and a tint for each label, several have a line each.
      kinds: placed.length > 1 ? placed : placed.flatMap((table) => pass.labels[table]),
      mention: new Map(marks.filter((one) => one.chain).map((mark) => [mark.unit_id, mark])),
      pieces: new Map(marks.map((mark) => [mark, []])),
      labels: new Map(),
      units: new Map(marks.toReversed().map((mark) => [mark.unit_id, mark])),
      heads: new Map(),
    };
    for (const [name, box] of boxes) box.checked = model.get("layers").includes(name);
    select.value = model.get("annotator");
  }

  function draw() {
    choose();
    const names = shown.placed.map((table, i) => element("span", "ct-name", swatch(i), data.names[table]));
    key.replaceChildren(...(names.length > 1 ? names : []));
    body.replaceChildren(...data.texts.map(drawText));
    follow();
  }

  function swatch(line) {
    const made = element("span", "ct-swatch");
    made.style.setProperty("--i", `var(--i${line % nKinds})`);
    return made;
  }

  const line = (mark) => shown.kinds.indexOf(shown.placed.length > 1 ? mark.table : mark.label);

  function drawText(row) {
    const head = element("p", "ct-head", row.id);
    head.tabIndex = -1;
    shown.heads.set(row.id, head);
    const here = shown.marks.filter((mark) => mark.text_id === row.id);
    head.append(...here.filter((mark) => mark.start === null).map(label));
    if (row.byline) head.append(" ", element("span", "ct-byline", row.byline));
    for (const answer of row.id ? shown.answers : []) {
      const told = (verb, other) =>
        titled(element("span", "ct-answer", `${verb} `, jump(other), ` (${answer.label})`), answer.note);
      if (answer.from_id === row.id) head.append(" ", told("answers", answer.to_id));
      if (answer.to_id === row.id) head.append(" ", told("answered by", answer.from_id));
    }
    const marked = here.filter((mark) => mark.start !== null);
    return element("article", `ct-text ct-${row.kind}`, head, facts(row.id), drawBody(row, marked), more(row.id));
  }

  function drawBody(row, marks) {
    const points = Array.from(row.text);
    const inside = (n) => Math.min(Math.max(n, 0), points.length);
    const bounds = marks.map((mark) => [inside(mark.start), inside(mark.end)]);
    const lane = lanes(bounds);
    const edges = [...new Set([0, points.length, ...bounds.flat()])].sort((a, b) => a - b);
    const length = (i) => bounds[i][1] - bounds[i][0];
    const longest = [...marks.keys()].sort((i, j) => length(j) - length(i) || i - j);
    const rank = new Map(longest.map((i, n) => [i, n]));
    const starting = new Map();
    for (const i of longest) starting.set(bounds[i][0], [...(starting.get(bounds[i][0]) ?? []), i]);
    let covering = []; // the spans over the present stretch, the longest first
    const made = element("div", "ct-body");
    if (data.language) made.lang = data.language;
    made.dir = "auto";
    made.style.setProperty("--n", String(Math.max(-1, ...lane) + 1));
    const paint = (content, covering, end) => {
      const span = element("span", "ct-span", ...content);
      const layers = covering.map((i) => {
        const reach = bounds[i][1] === end ? "var(--e)" : "var(--t)";
        return `var(--i${line(marks[i]) % nKinds}) 0 calc(1.15em + ${lane[i] * pitch}px)/${reach}`;
      });
      const inner = marks[covering.at(-1)];
      layers.push("var(--h,none)");
      if (shown.placed.length === 1) layers.push(tint(inner));
      for (const i of covering) shown.pieces.get(marks[i]).push(span);
      span.style.background = layers.join(",");
      return span;
    };
    edges.forEach((start, n) => {
      const end = edges[n + 1] ?? start;
      const through = covering.filter((i) => bounds[i][1] > start);
      const beginning = starting.get(start) ?? [];
      const opened = beginning.filter((i) => bounds[i][1] > start);
      covering = [...through, ...opened].sort((i, j) => rank.get(i) - rank.get(j));
      const begun = beginning.map((i) => label(marks[i]));
      if (begun.length) made.append(...(through.length ? [paint(begun, through, null)] : begun));
      const words = points.slice(start, end).join("");
      if (!covering.length) return made.append(...(words.match(/\n|[^\n]+/g) ?? []).map(run));
      const span = paint([words], covering, end);
      const mention = covering.map((i) => shown.mention.get(marks[i].unit_id)).findLast((one) => one);
      if (mention) {
        span.classList.add("ct-click");
        span.addEventListener("click", () => set("mention", mention.unit_id));
      }
      made.append(span);
    });
    return made;
  }

  const run = (words) => (words === "\n" ? words : element("span", "ct-run", words));

  function tint(mark) {
    const colour = tints[line(mark) % tints.length];
    return `linear-gradient(${colour},${colour}) 0 0/100% 1.15em no-repeat`;
  }

  function titled(made, note) {
    if (note) made.title = note;
    return made;
  }

  function label(mark) {
    const words = shown.placed.length > 1 ? `${data.names[mark.table]}: ${mark.word}` : mark.word;
    const long = words.length > 40 ? " ct-long" : "";
    const made = mark.chain
      ? button(`ct-label ct-click${long}`, words, () => set("mention", mark.unit_id))
      : element("span", `ct-label${long}`, words);
    made.style.setProperty("--i", `var(--i${line(mark) % nKinds})`);
    const meaning = mark.chain ? "" : entry(data.meanings[mark.table], mark.label);
    titled(made, [meaning, mark.note].filter(Boolean).join("; "));
    shown.labels.set(mark, made);
    const whole = document.createDocumentFragment();
    whole.append(document.createElement("wbr"), made);
    return whole;
  }

  function facts(id) {
    const list = element("ul", "ct-facts");
    const about = shown.remarks.filter((one) => one.unit_id === id);
    for (const table of new Set(about.map((one) => one.table))) {
      const rows = about.filter((one) => one.table === table);
      const said = rows.flatMap((one, n) => {
        const words = element("span", "", `${one.question} = ${one.label}`);
        return [n ? " · " : " ", titled(words, one.note)];
      });
      list.append(element("li", "", element("b", "", table), ...said));
    }
    const missing = (entry(shown.pass.gaps, id) ?? []).filter((layer) => shown.layers.has(layer));
    if (missing.length) list.append(element("li", "", `not gone through for: ${missing.join(", ")}`));
    return list;
  }

  /** Relations that start in a text, and judgements about its parts. */
  function more(id) {
    const item = (note, ...content) => titled(element("li", "", ...content), note);
    const rows = shown.links
      .filter((one) => one.text_id === id)
      .map((one) => item(one.note, `${one.table.replace(/_relations$/, "")}: `, jump(one.from_id), ` —${one.label}→ `, jump(one.to_id)));
    const about = shown.remarks
      .filter((one) => one.text_id === id && one.unit_id !== id)
      .map((one) => item(one.note, `${one.table}: ${one.question} of `, jump(one.unit_id), ` = ${one.label}`));
    if (!rows.length && !about.length) return "";
    const counts = [];
    if (rows.length) counts.push(`relations: ${rows.length}`);
    if (about.length) counts.push(`judgements about parts of the text: ${about.length}`);
    const list = element("ol", "", ...rows, ...about);
    return element("details", "ct-more", element("summary", "", counts.join(", ")), list);
  }

  function jump(unit) {
    if (!unit) return entry(shown.pass.words, unit);
    return button("ct-jump", entry(shown.pass.words, unit) ?? unit, () => {
      const mark = shown.units.get(unit);
      const head = shown.heads.get(unit) ?? shown.heads.get(entry(shown.pass.homes, unit));
      land(mark ? [shown.labels.get(mark), ...shown.pieces.get(mark)] : [head]);
      if (!mark) head?.focus({ preventScroll: true });
    });
  }

  /** Bring a place into view and show which it is. */
  function land(places) {
    for (const old of body.querySelectorAll(".ct-here")) old.classList.remove("ct-here");
    for (const place of places) place?.classList.add("ct-here");
    places[0]?.scrollIntoView({ block: "center" });
  }

  /** Light up the chain of the chosen mention and offer the way along it. */
  function follow() {
    for (const old of body.querySelectorAll(".ct-on,.ct-here")) old.classList.remove("ct-on", "ct-here");
    const mention = shown.mention.get(model.get("mention"));
    status.replaceChildren();
    if (!mention) return;
    const chain = shown.chains.get(mention.chain);
    for (const one of chain) {
      for (const piece of [shown.labels.get(one), ...shown.pieces.get(one)]) piece.classList.add("ct-on");
    }
    const place = chain.indexOf(mention);
    const step = (words, n) => {
      const made = button("ct-step", words, () => {
        set("mention", chain[place + n].unit_id);
        land([shown.labels.get(chain[place + n]), ...shown.pieces.get(chain[place + n])]);
        status.querySelector(`[data-step="${n}"]:enabled`)?.focus({ preventScroll: true });
      });
      made.dataset.step = String(n);
      made.disabled = !chain[place + n];
      return made;
    };
    const said = element("span", "", element("b", "", mention.word), `: ${place + 1} of ${chain.length}`);
    const done = button("ct-step", "done", () => set("mention", ""));
    status.append(said, step("‹ previous", -1), step("next ›", 1), done);
    for (const piece of [shown.labels.get(mention), ...shown.pieces.get(mention)]) piece.classList.add("ct-here");
  }

  const moved = () => follow();
  controls();
  draw();
  model.on("change:layers", draw);
  model.on("change:annotator", draw);
  model.on("change:mention", moved);
  return () => {
    model.off("change:layers", draw);
    model.off("change:annotator", draw);
    model.off("change:mention", moved);
  };
}

export default { render };
