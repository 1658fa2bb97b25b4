/* The explorer's only script: plain JavaScript, no build, no network. It reads the page's own data,
   keeps the reader's choices in the address fragment, and writes text only as text. */
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const AUTRE = data.tags.findIndex((tag) => tag.id === "autre");
  const PAGE = 50;
  const PRINTED_AT_MOST = 1000;
  const NARROW = "\u202f";

  // Letter by letter, so that a place found in the folded text is the same place in the text.
  const SPECIAL = { "’": "'", "œ": "o", "Œ": "o", "æ": "a", "Æ": "a", "\u00a0": " ", "\u202f": " " };
  const foldLetter = (letter) => SPECIAL[letter]
    || letter.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase()[0] || " ";
  const fold = (text) => {
    let folded = "";
    for (let i = 0; i < text.length; i += 1) {
      folded += text.charCodeAt(i) < 128 ? text[i].toLowerCase() : foldLetter(text[i]);
    }
    return folded;
  };
  // « œ » is one letter where others type « oe »: both are searched as « o ».
  const SILENT = "\u0001";
  const searchable = (text) => fold(text).replace(/oe/g, `o${SILENT}`).replace(/ae/g, `a${SILENT}`);
  const query = (text) => searchable(text).replaceAll(SILENT, "");

  const statements = data.statements.map((values, row) => {
    const statement = { row };
    data.columns.forEach((column, i) => { statement[column] = values[i]; });
    statement.folded = searchable(statement.text);
    statement.plain = statement.folded.replaceAll(SILENT, "");
    return statement;
  });

  const number = (value) => value.toLocaleString("fr-FR").replace(/\s/g, NARROW);
  const count = (value, one, many) => `${number(value)} ${value < 2 ? one : many}`;
  const list = (items) => items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} et ${items.at(-1)}`;
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const themeName = (theme) => theme < 0 ? "Sans thème" : data.themes[theme].label;

  const make = (name, options = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (key === "class") element.className = value;
      else if (key === "click") element.addEventListener("click", value);
      else element.setAttribute(key, value);
    }
    element.append(...children);
    return element;
  };

  /* What the reader asked for. */

  const nothing = () => ({
    q: "", nature: new Set(), ville: new Set(), table: new Set(), theme: "", confidence: 0,
    review: false, view: "enonces", order: "lecture", statement: "",
  });
  let asked = nothing();
  const VIEWS = ["enonces", "tableau", "carte"];
  const ORDERS = ["lecture", "surs", "douteux"];
  const FACETS = {
    nature: { names: data.tags.map((tag) => tag.id), of: (s) => s.tag },
    ville: { names: data.cities, of: (s) => s.city },
    table: { names: data.tables.map((table) => table.id || "sans"), of: (s) => s.table },
  };

  const toFragment = () => {
    const parts = new URLSearchParams();
    if (asked.view !== "enonces") parts.set("vue", asked.view);
    if (asked.q) parts.set("q", asked.q);
    for (const [facet, { names }] of Object.entries(FACETS)) {
      for (const value of [...asked[facet]].sort((a, b) => a - b)) parts.append(facet, names[value]);
    }
    if (asked.theme !== "") parts.set("theme", asked.theme < 0 ? "sans" : data.themes[asked.theme].id);
    if (asked.confidence) parts.set("confiance", asked.confidence);
    if (asked.review) parts.set("verifier", "oui");
    if (asked.order !== "lecture") parts.set("ordre", asked.order);
    if (asked.statement) parts.set("enonce", asked.statement);
    return parts.toString();
  };

  const fromFragment = (fragment) => {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const read = nothing();
    if (VIEWS.includes(parts.get("vue"))) read.view = parts.get("vue");
    if (ORDERS.includes(parts.get("ordre"))) read.order = parts.get("ordre");
    read.q = parts.get("q") || "";
    for (const [facet, { names }] of Object.entries(FACETS)) {
      const places = parts.getAll(facet).map((name) => names.indexOf(name));
      read[facet] = new Set(places.filter((place) => place >= 0));
    }
    const theme = parts.get("theme");
    if (theme === "sans") read.theme = -1;
    else if (theme) {
      const place = data.themes.findIndex((known) => known.id === theme);
      if (place >= 0) read.theme = place;
    }
    read.confidence = Math.min(100, Math.max(0, Number(parts.get("confiance")) || 0));
    read.review = parts.get("verifier") === "oui";
    read.statement = parts.get("enonce") || "";
    return read;
  };

  /* Which statements that is. One pass: a statement that only one facet turns away is what that
     facet's other choices would show. */

  const wordsOf = (text) => [...text.matchAll(/[«"“]\s*([^»"”]+?)\s*[»"”]|(\S+)/g)]
    .map((found) => query(found[1] || found[2])).filter((word) => /[\p{L}\p{N}]/u.test(word));

  const select = () => {
    const wanted = wordsOf(asked.q);
    const found = [];
    const tally = { nature: new Map(), ville: new Map(), table: new Map(), review: 0 };
    const heat = new Map();
    const onMap = new Map();
    const add = (map, key) => map.set(key, (map.get(key) || 0) + 1);
    for (const s of statements) {
      if (!wanted.every((word) => s.plain.includes(word)) || s.confidence < asked.confidence) continue;
      const refused = [];
      if (asked.nature.size ? !asked.nature.has(s.tag) : s.tag === AUTRE) refused.push("nature");
      if (asked.ville.size && !asked.ville.has(s.city)) refused.push("ville");
      if (asked.table.size && !asked.table.has(s.table)) refused.push("table");
      if (asked.theme !== "" && s.theme !== asked.theme) refused.push("theme");
      if (asked.review && !s.review) refused.push("review");
      if (!refused.length) found.push(s);
      for (const facet of Object.keys(FACETS)) {
        if (refused.every((name) => name === facet)) add(tally[facet], FACETS[facet].of(s));
      }
      if (s.review && refused.every((name) => name === "review")) tally.review += 1;
      if (refused.every((name) => name === "theme" || name === "ville")) add(heat, `${s.theme} ${s.city}`);
      if (refused.every((name) => name === "theme")) add(onMap, s.theme);
    }
    if (asked.order !== "lecture") {
      const sign = asked.order === "surs" ? -1 : 1;
      found.sort((a, b) => sign * (a.confidence - b.confidence) || a.row - b.row);
    }
    return { found, tally, heat, onMap, wanted };
  };

  /* What is shown. */

  let selection = select();
  let shown = PAGE;

  // Inside « », French usage turns inner quotation marks into “ ”.
  const inner = (text) => text.replace(/«\s*/g, "“").replace(/\s*»/g, "”");
  const quoted = (text) => `«${NARROW}${inner(text)}${NARROW}»`;

  const highlighted = (statement) => {
    const text = statement.text;
    // Places in the searched text, brought back to places in the text.
    const places = [];
    for (let i = 0; i < statement.folded.length; i += 1) {
      if (statement.folded[i] !== SILENT) places.push(i);
    }
    const marks = [];
    for (const word of selection.wanted) {
      let from = statement.plain.indexOf(word);
      while (from >= 0) {
        const end = from + word.length - 1;
        const last = places[end] + (statement.folded[places[end] + 1] === SILENT ? 1 : 0);
        marks.push([places[from], last + 1]);
        from = statement.plain.indexOf(word, from + word.length);
      }
    }
    marks.sort((a, b) => a[0] - b[0]);
    const pieces = [];
    let done = 0;
    for (const [from, to] of marks) {
      if (from < done) continue;
      pieces.push(inner(text.slice(done, from)), make("mark", {}, inner(text.slice(from, to))));
      done = to;
    }
    pieces.push(inner(text.slice(done)));
    return pieces;
  };

  const source = (s) => [s.role, data.cities[s.city], data.tables[s.table].label, s.date || "date inconnue", s.path, s.place]
    .filter(Boolean).join(", ");

  const say = (text) => { byId("said").textContent = text; };

  const copy = async (text, done) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Some browsers refuse the clipboard to a page opened from a folder: the old way still works.
      const area = make("textarea", { class: "aside", "aria-hidden": "true" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say(done);
  };

  const goTo = (row) => {
    asked = { ...nothing(), statement: statements[row].id };
    commit();
    const target = byId(`e-${row}`);
    if (target) {
      target.scrollIntoView({ block: "center" });
      target.querySelector("button").focus();
    }
  };

  const line = (s) => make("li", s.row === undefined ? {} : { class: data.tags[s.tag].id },
    make("button", { type: "button", class: "link", click: () => goTo(s.row) }, quoted(s.text)),
    make("span", { class: "source" }, `${capital(data.tags[s.tag].one)}, ${source(s)}`));

  const context = (s) => {
    const panel = make("div", { class: "context", id: `c-${s.row}` });
    const around = [s.row - 2, s.row - 1, s.row, s.row + 1, s.row + 2]
      .map((row) => statements[row]).filter((other) => other && other.document === s.document);
    if (s.heading) panel.append(make("p", {}, make("strong", {}, "Intertitre : "), s.heading));
    panel.append(make("h3", {}, "Dans le document"));
    panel.append(make("ul", { class: "around" }, ...around.map((other) => make("li",
      other === s ? { class: "here", "aria-current": "true" } : {}, other.text))));
    panel.append(make("h3", {}, "Pourquoi ce classement"));
    const odds = data.tags.map((tag, i) => [tag.one, s.odds[i]]).filter((pair) => pair[1] > 0)
      .sort((a, b) => b[1] - a[1]).map(([name, share]) => `${name} ${share}${NARROW}%`);
    panel.append(make("p", {}, s.analyst ? "Nature décidée par un analyste. " : "",
      `Selon le modèle${NARROW}: ${odds.join(", ")}.`, s.reasons ? ` ${capital(s.reasons)}.` : ""));
    const answers = data.answers[s.row] || [];
    if (answers.length) {
      panel.append(make("h3", {}, "Des réponses dans d’autres villes"));
      panel.append(make("ul", { class: "answers" }, ...answers.map(([row]) => line(statements[row]))));
    }
    return panel;
  };

  const item = (s) => {
    const tag = data.tags[s.tag];
    const more = make("button", { type: "button", "aria-expanded": "false" }, "Contexte");
    const entry = make("li", { id: `e-${s.row}`, class: `statement ${tag.id}` },
      make("p", { class: "kind" }, make("span", { class: tag.id }, capital(tag.one)),
        s.second >= 0 && s.second !== s.tag ? ` (aussi${NARROW}: ${data.tags[s.second].one})` : "",
        ` · ${themeName(s.theme)}`, s.review ? " " : "", s.review ? make("span", { class: "doubt" }, "à vérifier") : ""),
      make("blockquote", {}, make("p", {}, `«${NARROW}`, ...highlighted(s), `${NARROW}»`)),
      make("p", { class: "source" }, source(s), s.copy ? " (repris d’un document d’une autre ville)" : ""),
      make("p", { class: "acts" }, more,
        make("button", { type: "button", click: () => copy(`${quoted(s.text)} (${source(s)}${NARROW}; ${s.id})`, "Citation copiée avec sa source.") },
          "Copier la citation")));
    more.addEventListener("click", () => {
      const open = more.getAttribute("aria-expanded") === "true";
      more.setAttribute("aria-expanded", String(!open));
      if (open) byId(`c-${s.row}`).remove();
      else entry.append(context(s));
    });
    if (s.id === asked.statement) {
      entry.classList.add("target");
      more.click();
    }
    return entry;
  };

  const drawList = () => {
    const start = selection.found.findIndex((s) => s.id === asked.statement);
    if (start >= shown) shown = start + PAGE;
    byId("list").replaceChildren(...selection.found.slice(0, shown).map(item));
    const left = selection.found.length - shown;
    byId("next").hidden = left <= 0;
    byId("next").textContent = `Afficher ${count(Math.min(PAGE, left), "énoncé", "énoncés")} de plus (sur ${number(Math.max(left, 0))})`;
  };

  const drawHeat = () => {
    const themes = [...data.themes.keys(), -1];
    const shares = (theme) => data.cities.map((_, city) => selection.heat.get(`${theme} ${city}`) || 0);
    const rows = themes.map((theme) => [theme, shares(theme)]).filter(([, cells]) => cells.some(Boolean));
    const most = Math.max(1, ...rows.flatMap(([, cells]) => cells));
    const cell = (theme, city, value) => {
      if (!value) return make("td", { class: "n" }, "0");
      const button = make("button", { type: "button", class: "cell", click: () => {
        asked.theme = theme; asked.ville = city < 0 ? new Set() : new Set([city]); asked.view = "enonces"; commit(true);
      } }, number(value), make("span", { class: "aside" },
        ` ${value < 2 ? "énoncé" : "énoncés"}, ${themeName(theme)}${city < 0 ? "" : `, ${data.cities[city]}`}`));
      const box = make("td", { class: "n" }, button);
      if (city >= 0) box.style.setProperty("--share", `${Math.round(10 + 35 * value / most)}%`);
      return box;
    };
    const head = make("tr", {}, make("th", { scope: "col" }, "Thème"),
      ...data.cities.map((city) => make("th", { scope: "col", class: "n" }, city)),
      make("th", { scope: "col", class: "n" }, "Ensemble"));
    const body = rows.map(([theme, cells]) => make("tr", {}, make("th", { scope: "row" }, themeName(theme)),
      ...cells.map((value, city) => cell(theme, city, value)),
      cell(theme, -1, cells.reduce((a, b) => a + b, 0))));
    const caption = make("caption", {}, make("span", {}, rows.length
      ? `Énoncés de la sélection par thème et par ville${NARROW}: ${count(rows.length, "thème", "thèmes")}, ${count(data.cities.length, "ville", "villes")}`
      : "Aucun énoncé dans cette sélection"));
    byId("heat").replaceChildren(caption, make("thead", {}, head), make("tbody", {}, ...body));
  };

  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  const openTheme = (theme) => { asked.theme = theme; asked.view = "enonces"; commit(true); };

  const drawMap = () => {
    const width = 900;
    const height = 620;
    const most = Math.max(1, ...data.themes.map((_, theme) => selection.onMap.get(theme) || 0));
    const marks = data.themes.map((theme, i) => {
      const value = selection.onMap.get(i) || 0;
      const radius = value ? 12 + 30 * Math.sqrt(value / most) : 10;
      const x = 60 + theme.x * (width - 120);
      const y = 60 + theme.y * (height - 120);
      const mark = svg("g", { class: `spot table-${theme.table}${value ? "" : " none"}` },
        svg("title", {}, `${theme.label}, ${count(value, "énoncé", "énoncés")}`),
        svg("circle", { cx: x, cy: y, r: radius }),
        svg("text", { x, y: y + 5, "text-anchor": "middle" }, String(i + 1)));
      mark.addEventListener("click", () => openTheme(i));
      return [radius, mark];
    });
    // Large discs first, so that small ones stay on top and can be reached.
    marks.sort((a, b) => b[0] - a[0]);
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label":
      "Carte des thèmes : chaque disque numéroté est un thème ; la liste qui suit donne leur nom et leur nombre d’énoncés." },
    ...marks.map(([, mark]) => mark));
    byId("map").replaceChildren(drawing);
    byId("legend").replaceChildren(...data.themes.map((theme, i) => {
      const value = selection.onMap.get(i) || 0;
      const where = theme.table >= 0 ? data.tables[theme.table].label : "";
      return make("li", { class: `table-${theme.table}` },
        make("button", { type: "button", class: "link", click: () => openTheme(i) }, theme.label),
        make("span", { class: "source" }, `${count(value, "énoncé", "énoncés")}${where ? `, ${where}` : ""}`));
    }));
  };

  const summary = () => {
    const { found } = selection;
    const cities = new Set(found.map((s) => s.city)).size;
    const tables = new Set(found.map((s) => `${s.city} ${s.table}`)).size;
    byId("summary").textContent = found.length
      ? `${count(found.length, "énoncé", "énoncés")} sur ${number(statements.length)}, dans ${count(cities, "ville", "villes")} sur ${number(data.cities.length)} et ${count(tables, "table ronde", "tables rondes")}.`
      : `Aucun énoncé ne répond à ces filtres, sur ${number(statements.length)}.`;
    const said = [];
    if (asked.q) said.push(quoted(asked.q));
    said.push(asked.nature.size ? list([...asked.nature].map((tag) => data.tags[tag].many)) : "hors-champ mis à part");
    if (asked.ville.size) said.push(list([...asked.ville].map((city) => data.cities[city])));
    if (asked.table.size) said.push(list([...asked.table].map((table) => data.tables[table].label)));
    if (asked.theme !== "") said.push(`thème${NARROW}: ${themeName(asked.theme)}`);
    if (asked.confidence) said.push(`confiance d’au moins ${asked.confidence}${NARROW}%`);
    if (asked.review) said.push("à vérifier seulement");
    byId("active").textContent = `Sélection${NARROW}: ${said.join(`${NARROW}; `)}.`;
  };

  const drawFilters = () => {
    // Not while the reader types: a space at the end would be taken away.
    if (byId("q").value.trim() !== asked.q) byId("q").value = asked.q;
    for (const facet of Object.keys(FACETS)) {
      for (const box of document.querySelectorAll(`input[name="${facet}"]`)) {
        const value = Number(box.value);
        box.checked = asked[facet].has(value);
        box.parentElement.querySelector("output").textContent = number(selection.tally[facet].get(value) || 0);
      }
    }
    byId("theme").value = String(asked.theme);
    byId("confidence").value = String(asked.confidence);
    byId("confidence-value").textContent = `${asked.confidence}${NARROW}%`;
    byId("review").checked = asked.review;
    byId("review").parentElement.querySelector("output").textContent = number(selection.tally.review);
    byId("order").value = asked.order;
  };

  const draw = () => {
    selection = select();
    shown = PAGE;
    summary();
    drawFilters();
    for (const view of VIEWS) byId(`view-${view}`).hidden = view !== asked.view;
    for (const button of document.querySelectorAll("[data-view]")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === asked.view));
    }
    if (asked.view === "enonces") drawList();
    if (asked.view === "tableau") drawHeat();
    if (asked.view === "carte") drawMap();
    say("");
  };

  // `step`: a new page of the browser's history, and the focus goes to what was opened.
  const commit = (step = false) => {
    const fragment = toFragment();
    const address = fragment ? `#${fragment}` : location.href.split("#")[0];
    if (step) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    draw();
    if (step) byId(`title-${asked.view}`).focus();
  };

  /* What the reader does. */

  const toggle = (event) => {
    const box = event.target;
    if (box.name in FACETS) {
      const value = Number(box.value);
      if (box.checked) asked[box.name].add(value);
      else asked[box.name].delete(value);
    } else if (box.id === "theme") asked.theme = box.value === "" ? "" : Number(box.value);
    else if (box.id === "review") asked.review = box.checked;
    else if (box.id === "confidence") asked.confidence = Number(box.value);
    else if (box.id === "q") asked.q = box.value.trim();
    else return;
    asked.statement = "";
    commit();
  };

  const csvCell = (value) => {
    let text = String(value);
    // A spreadsheet would run a cell that begins like a formula.
    if (/^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[";\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  const csv = () => {
    const head = ["identifiant", "ville", "table_ronde", "date", "theme", "nature", "confiance", "a_verifier", "enonce", "role", "intertitre", "document", "endroit"];
    const rows = selection.found.map((s) => [s.id, data.cities[s.city], data.tables[s.table].label, s.date,
      themeName(s.theme), data.tags[s.tag].id, (s.confidence / 100).toFixed(2).replace(".", ","),
      s.review ? "oui" : "non", s.text, s.role, s.heading, s.path, s.place]);
    return `\ufeff${[head, ...rows].map((row) => row.map(csvCell).join(";")).join("\r\n")}\r\n`;
  };

  byId("filters").addEventListener("input", toggle);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    asked = { ...nothing(), view: asked.view, order: asked.order };
    commit();
    byId("q").focus();
  });
  byId("order").addEventListener("input", (event) => { asked.order = event.target.value; commit(); });
  for (const button of document.querySelectorAll("[data-view]")) {
    button.addEventListener("click", () => { asked.view = button.dataset.view; commit(true); });
  }
  byId("next").addEventListener("click", () => {
    const first = shown;
    shown += PAGE;
    drawList();
    const target = byId("list").children[first];
    if (target) target.querySelector("button").focus();
  });
  byId("share").addEventListener("click", () => copy(location.href, "Lien de cette vue copié."));
  byId("print").addEventListener("click", () => window.print());
  byId("export").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: address, download: "selection.csv" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
    say(`${count(selection.found.length, "énoncé exporté", "énoncés exportés")} dans selection.csv.`);
  });
  // On paper there is no « Afficher plus ».
  window.addEventListener("beforeprint", () => {
    if (asked.view === "enonces") { shown = Math.min(selection.found.length, PRINTED_AT_MOST); drawList(); }
  });
  window.addEventListener("popstate", () => { asked = fromFragment(location.hash); draw(); });

  byId("explorer").hidden = false;
  byId("more-filters").open = window.matchMedia("(min-width: 60rem)").matches;
  asked = fromFragment(location.hash);
  draw();
  if (asked.statement) {
    const target = document.querySelector(".statement.target");
    if (target) target.scrollIntoView({ block: "center" });
  }
})();
