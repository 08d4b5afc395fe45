// A sentence pair as elements, and the curves between its linked words.
const { sides, pairs } = JSON.parse(document.getElementById("data").textContent);
const SIDES = ["source", "english"];
const KINDS = ["", "missing", "extra"]; // in the order of pipeline/draw_links/links_page.py
const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children; text is never read as HTML.
function make(name, attributes = {}, ...children) {
  const svg = name === "svg" || name === "path";
  const element = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const languageOf = (pair, side) => (side === "english" ? "en" : pair.language);

// The links of a token: the index of its partner, the kind and the probability of each.
function linksOf(pair, side, token) {
  const [own, other] = side === "source" ? [0, 1] : [1, 0];
  return pair.links
    .filter((link) => link[own] === token)
    .map((link) => ({ partner: link[other], kind: KINDS[link[2]], probability: link[3] }));
}

// What is said of a link after the word that it leads to.
function remark({ kind, probability }) {
  return [probability?.toFixed(2), kind && `(${kind})`].filter(Boolean).join(" ");
}

// A token and what it is linked to, for those who hear the page.
function spoken(pair, side, token) {
  const partners = pair[side === "source" ? "english" : "source"];
  const links = linksOf(pair, side, token);
  const told = links.map((link) => `${partners[link.partner]} ${remark(link)}`.trim());
  return `${pair[side][token]}: ${told.join(", ") || "no links"}`;
}

// A sentence in the direction of its script, after the name of its language.
function row(pair, side) {
  const { name, direction } = sides[languageOf(pair, side)];
  const label = make("span", { class: "side", lang: "en", dir: "ltr" }, name);
  const words = pair[side].flatMap((token, at) => {
    const free = linksOf(pair, side, at).length ? "" : " free";
    const attributes = { type: "button", class: `word${free}`, tabindex: -1, "data-side": side, "data-at": at };
    return [" ", make("button", { ...attributes, "aria-label": spoken(pair, side, at) }, token)];
  });
  if (!words.length) words.push(" ", make("span", { class: "nothing", lang: "en" }, "no words"));
  const lang = languageOf(pair, side) || undefined;
  return make("p", { class: `row ${side}`, lang, dir: direction }, label, ...words);
}

// A sentence pair as an article, still without its curves; `at` is its index from 0.
function article(at) {
  const pair = pairs[at];
  const number = (at + 1).toLocaleString("en");
  const curves = pair.links.map(([source, english, kind, probability]) =>
    make("path", {
      class: `link ${KINDS[kind]}`.trim(),
      style: probability === undefined ? undefined : `--p:${probability}`,
      "data-source": source,
      "data-english": english,
    }));
  const rows = make("div", { class: "rows" }, make("svg", { "aria-hidden": "true" }, ...curves),
    ...SIDES.map((side) => row(pair, side)));
  const drawn = make("article", { class: "pair", "data-pair": at, "aria-label": `Pair ${number}` },
    make("h2", {}, `Pair ${number}`), rows, make("p", { class: "detail" }));
  describe(drawn, null);
  return drawn;
}

// The line below a pair: what a word is linked to, or how many links the pair has.
function describe(drawn, word) {
  const pair = pairs[drawn.dataset.pair];
  const detail = drawn.querySelector(".detail");
  if (!word) {
    const count = (kind) => pair.links.filter((link) => KINDS[link[2]] === kind).length;
    const [matched, missing, extra] = KINDS.map(count);
    const found = matched + extra;
    const parts = [`${found} link${found === 1 ? "" : "s"}`, missing && `${missing} missing`, extra && `${extra} extra`];
    detail.replaceChildren(parts.filter(Boolean).join(", "));
    return;
  }
  const { side, at } = word.dataset;
  const other = side === "source" ? "english" : "source";
  const bold = (of, token) => make("b", {}, make("bdi", { lang: languageOf(pair, of) || undefined }, pair[of][token]));
  const links = linksOf(pair, side, Number(at));
  const told = links.flatMap((link) => [bold(other, link.partner), ` ${remark(link)}`.trimEnd(), " · "]);
  detail.replaceChildren(bold(side, at), links.length ? " → " : " has no links", ...told.slice(0, -1));
}

// Mark a word, its partners and the links between them, or none of a pair.
function mark(drawn, word) {
  drawn.classList.toggle("active", Boolean(word));
  const partners = new Set(word ? [word] : []);
  for (const path of drawn.querySelectorAll("path")) {
    const on = Boolean(word) && path.dataset[word.dataset.side] === word.dataset.at;
    path.classList.toggle("on", on);
    if (on) for (const side of SIDES) partners.add(wordAt(drawn, side, path.dataset[side]));
  }
  for (const each of drawn.querySelectorAll(".word")) each.classList.toggle("on", partners.has(each));
  describe(drawn, word);
}

const wordAt = (drawn, side, at) => drawn.querySelector(`.${side} [data-at="${at}"]`);

// Where a curve begins or ends: the middle of the lower or upper edge of each word.
function anchors(drawn, side, origin) {
  return [...drawn.querySelectorAll(`.${side} .word`)].map((word) => {
    const box = word.getBoundingClientRect();
    const y = side === "source" ? box.bottom : box.top;
    return [(box.left + box.right) / 2 - origin.left, y - origin.top];
  });
}

// Draw the curves of some pairs where their words are now. All places are read before the first
// curve is drawn, so that the browser lays out the page once.
function draw(articles) {
  const places = articles.map((drawn) => {
    const box = drawn.querySelector(".rows").getBoundingClientRect();
    return { drawn, box, words: SIDES.map((side) => anchors(drawn, side, box)) };
  });
  for (const { drawn, box, words } of places) {
    const svg = drawn.querySelector("svg");
    svg.setAttribute("width", box.width);
    svg.setAttribute("height", box.height);
    for (const path of svg.children) {
      const [[x1, y1], [x2, y2]] = SIDES.map((side, at) => words[at][path.dataset[side]]);
      const bend = Math.max(14, (y2 - y1) / 2);
      const points = [x1, y1, x1, y1 + bend, x2, y2 - bend, x2, y2].map((each) => each.toFixed(1));
      path.setAttribute("d", `M${points[0]} ${points[1]}C${points.slice(2).join(" ")}`);
    }
  }
}
