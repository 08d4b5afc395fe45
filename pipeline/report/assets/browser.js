// The browser of test words: what each finds, before and after.
const SHOWN = 200;
const DOUBT = "The two aligners disagree on this pair: it may be wrong.";
const keys = read("keys");
const browse = { data: null, hits: [], at: -1 };

function query() {
  const fate = document.querySelector("[name=fate]:checked");
  return {
    language: byId("browse-language").value,
    direction: byId("browse-direction").value,
    word: byId("browse-word").value.trim().toLocaleLowerCase(),
    fate: fate ? fate.value : "",
    pairs: byId("browse-pairs").value,
  };
}

// The first method, and the one it is compared with, if there is one.
function compared() {
  const [first, second] = Object.keys(browse.data.found);
  const chosen = byId("browse-method");
  return [first, chosen ? chosen.value : second].filter(Boolean);
}

function fateOf(direction, at) {
  const right = compared().map((method) => browse.data.found[method][direction].rank[at] === 0);
  if (right.length < 2) return right[0] ? "right" : "wrong";
  return right[0] === right[1] ? (right[0] ? "right" : "wrong") : right[1] ? "fixed" : "broken";
}

function matches(text, word) {
  return text.toLocaleLowerCase().includes(word);
}

async function search() {
  const data = await unpack(query().language);
  const { language, direction, word, fate, pairs } = query();
  if (data !== (await unpack(language))) return; // another language was chosen meanwhile
  browse.data = data;
  const [side] = DIRECTIONS[direction];
  const found = [];
  for (let at = 0; at < data.queries; at += 1) {
    const own = wordOf(data, side, at).word;
    if (word && !matches(own, word)) continue;
    if (fate && fateOf(direction, at) !== fate) continue;
    if (pairs && pairs !== (data.agreed[at] ? "agreed" : "doubtful")) continue;
    found.push([word && own.toLocaleLowerCase() !== word, at]);
  }
  // The very word comes before words that contain it.
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  browse.hits = found.map(([, at]) => at);
  list(direction);
  if (browse.hits.length) show(direction, browse.hits[0]);
  else byId("browse-detail").replaceChildren(make("p", {}, "No word of the test set fits."));
}

function list(direction) {
  const { data, hits } = browse;
  const [side] = DIRECTIONS[direction];
  const items = hits.slice(0, SHOWN).map((at) => {
    const { word, tokens } = wordOf(data, side, at);
    const fate = fateOf(direction, at);
    const button = make("button", { type: "button", "data-at": at }, make("b", {}, word),
      make("span", { class: `fate ${fate}` }, fate), make("small", {}, tokens.join(" ")));
    return make("li", {}, button);
  });
  byId("browse-list").replaceChildren(...items);
  const more = hits.length > SHOWN ? `; the first ${SHOWN} are listed` : "";
  const part = data.queries < data.sentence.length ? ` of the first ${data.queries.toLocaleString("en")}` : "";
  byId("browse-count").textContent = `${hits.length.toLocaleString("en")} words${part}${more}`;
}

// A sentence after the name of its language, in the direction of its script.
function sentence(language, words) {
  const name = make("span", { class: "side", dir: "ltr" }, language);
  return make("p", { class: "sentence", dir: "auto" }, name, " ", ...words);
}

// A sentence whose words of the test set can be clicked.
function clickable(side, at) {
  const { data } = browse;
  const { tokens, index } = wordOf(data, side, at);
  const pairs = new Map();
  for (let pair = 0; pair < data.queries; pair += 1) {
    if (data.sentence[pair] === data.sentence[at]) pairs.set(data[`${side}_index`][pair], pair);
  }
  return tokens.flatMap((token, number) => {
    const known = pairs.has(number) && number !== index;
    const button = { type: "button", class: "word", "data-at": pairs.get(number) };
    const shown = number === index ? make("mark", {}, token) : known ? make("button", button, token) : token;
    return number ? [" ", shown] : [shown];
  });
}

function neighbours(method, direction, at) {
  const { data } = browse;
  const target = DIRECTIONS[direction][1];
  const { rank, near, score } = data.found[method][direction];
  const places = [...Array(data.near).keys()].map((place) => at * data.near + place);
  const items = places.map((place) => {
    const answer = near[place] === at;
    const other = wordOf(data, target, near[place]);
    return make("li", answer ? { class: "right" } : {},
      make("span", answer ? { role: "img", "aria-label": "right answer" } : {}, answer ? "✓" : ""),
      make("b", {}, other.word),
      make("span", { class: "score", title: "CSLS" }, (score[place] / 1000).toFixed(3).replace("-", "−")),
      make("small", {}, ...marked(other)));
  });
  const position = rank[at] ? `right answer is number ${rank[at] + 1}` : "right answer first";
  const heading = make("h4", { style: `--key:${keys[method]}` }, method, make("small", {}, position));
  return make("section", {}, heading, make("ol", {}, ...items));
}

function show(direction, at) {
  browse.at = at;
  const [side, target] = DIRECTIONS[direction];
  const { word } = wordOf(browse.data, side, at);
  const fate = fateOf(direction, at);
  const spoken = { english: "English", source: byId("browse-language").selectedOptions[0].textContent };
  const answer = wordOf(browse.data, target, at);
  byId("browse-detail").replaceChildren(
    make("h3", {}, word, " ", make("span", { class: `fate ${fate}` }, fate)),
    sentence(spoken[side], clickable(side, at)),
    sentence(spoken[target], marked(answer)),
    ...(browse.data.agreed[at] ? [] : [make("p", { class: "note" }, DOUBT)]),
    make("div", { class: "found" }, ...compared().map((method) => neighbours(method, direction, at))),
  );
  const finds = compared().map((method) => {
    const first = browse.data.found[method][direction].near[at * browse.data.near];
    return `${method} finds ${wordOf(browse.data, target, first).word}`;
  });
  byId("browse-shown").textContent = [`${word}, ${fate}`, ...finds].join("; ");
  for (const button of byId("browse-list").querySelectorAll("button")) {
    if (Number(button.dataset.at) === at) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

for (const id of ["browse-list", "browse-detail"]) {
  byId(id).addEventListener("click", (event) => {
    const button = event.target.closest("[data-at]");
    if (!button) return;
    show(query().direction, Number(button.dataset.at));
    const detail = byId("browse-detail");
    if (id === "browse-detail") detail.focus({ preventScroll: true }); // the button is gone
    if (matchMedia("(max-width: 46rem)").matches) detail.scrollIntoView({ block: "start" });
  });
}
byId("browse-list").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("li")?.[step];
  if (!next) return;
  event.preventDefault();
  next.querySelector("button").focus();
});
byId("browse").addEventListener("input", search);
byId("browse").addEventListener("submit", (event) => event.preventDefault());
const searched = search();
Promise.all([drawn, offered, mapped, searched]).then(() => { document.body.dataset.ready = "true"; });
