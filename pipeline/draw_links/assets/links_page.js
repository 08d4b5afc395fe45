// Pages of sentence pairs: search, choice, keyboard and pointer.
const PAGE = 25; // pairs at once: thousands of sentences stay quick
const byId = (id) => document.getElementById(id);
const list = byId("pairs");
const shown = { hits: pairs.map((_, at) => at), first: 0 };
const texts = pairs.map((pair) => SIDES.map((side) => pair[side].join(" ").toLocaleLowerCase()));
const drawnNow = () => [...list.querySelectorAll(".pair")];

function fits(pair, choice) {
  if (!choice) return true;
  const wanted = choice === "different" ? ["missing", "extra"] : [choice];
  return pair.links.some((link) => wanted.includes(KINDS[link[2]]));
}

const query = () => byId("search").value.trim().toLocaleLowerCase().replace(/\s+/gu, " ");

function search() {
  const text = query();
  const choice = byId("show")?.value;
  const matches = (at) => !text || texts[at].some((each) => each.includes(text));
  shown.hits = pairs.map((_, at) => at).filter((at) => matches(at) && fits(pairs[at], choice));
  show(0);
}

// Show the page of hits that begins with one of them.
function show(first) {
  shown.first = first;
  const last = Math.min(first + PAGE, shown.hits.length);
  list.replaceChildren(...shown.hits.slice(first, last).map(article));
  const parts = query().split(" ").filter(Boolean);
  for (const word of list.querySelectorAll(".word")) {
    const token = word.textContent.toLocaleLowerCase();
    word.classList.toggle("hit", parts.some((part) => token.includes(part)));
  }
  draw(drawnNow());
  list.querySelector(".word")?.setAttribute("tabindex", 0);
  byId("previous").disabled = first === 0;
  byId("next").disabled = last === shown.hits.length;
  const count = (number) => number.toLocaleString("en");
  const range = `${count(first + 1)}–${count(last)} of ${count(shown.hits.length)}`;
  byId("count").textContent = shown.hits.length ? `Sentence pairs ${range}` : "No sentence pair fits.";
}

// Turn a page; the first or last word of the new one can take the focus.
function turn(step) {
  const first = shown.first + step * PAGE;
  if (first < 0 || first >= shown.hits.length) return false;
  show(first);
  return true;
}

function go() {
  const at = Number(byId("go").value) - 1;
  if (!Number.isInteger(at) || !pairs[at]) return;
  byId("choose").reset();
  search();
  show(at - (at % PAGE));
  byId("go").value = at + 1;
  const drawn = drawnNow()[at % PAGE];
  drawn.scrollIntoView({ block: "start" });
  focusOn(drawn.querySelector(".word"));
}

function focusOn(word) {
  if (!word) return;
  list.querySelector('.word[tabindex="0"]')?.setAttribute("tabindex", -1);
  word.setAttribute("tabindex", 0);
  word.focus();
}

const rowsOf = () => [...list.querySelectorAll(".row")].filter((each) => each.querySelector(".word"));
const wordsOf = (sentence) => [...sentence.querySelectorAll(".word")];

// The word above or below: the first partner in the other sentence of the pair, or else the one
// at about the same place in the next sentence.
function across(word, step) {
  const rows = rowsOf();
  const at = rows.indexOf(word.closest(".row"));
  const target = rows[at + step];
  if (!target) {
    if (!turn(step)) return null;
    const words = wordsOf(rowsOf().at(step > 0 ? 0 : -1));
    return words[0];
  }
  const drawn = word.closest(".pair");
  const { side, at: token } = word.dataset;
  if (target.closest(".pair") === drawn) {
    const [link] = linksOf(pairs[drawn.dataset.pair], side, Number(token));
    if (link) return wordAt(drawn, side === "source" ? "english" : "source", link.partner);
  }
  const middle = ({ left, right }) => (left + right) / 2;
  const x = middle(word.getBoundingClientRect());
  const distance = (each) => Math.abs(middle(each.getBoundingClientRect()) - x);
  return wordsOf(target).reduce((near, each) => (distance(each) < distance(near) ? each : near));
}

function target(key, word) {
  const sentence = word.closest(".row");
  const words = wordsOf(sentence);
  const forward = getComputedStyle(sentence).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  switch (key) {
    case "ArrowLeft":
    case "ArrowRight": return words[words.indexOf(word) + (key === forward ? 1 : -1)];
    case "ArrowUp": return across(word, -1);
    case "ArrowDown": return across(word, 1);
    case "Home": return words[0];
    case "End": return words.at(-1);
    default: return undefined;
  }
}

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
list.addEventListener("keydown", (event) => {
  const word = event.target.closest(".word");
  if (!word || !MOVES.includes(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  focusOn(target(event.key, word));
});

// A pair shows the links of the word under the pointer, or else of the one with the focus.
function marked(drawn, pointed) {
  const focused = drawn.contains(document.activeElement) ? document.activeElement.closest(".word") : null;
  mark(drawn, pointed ?? focused);
}
list.addEventListener("focusin", (event) => {
  const word = event.target.closest(".word");
  if (word) mark(word.closest(".pair"), word);
});
list.addEventListener("focusout", (event) => {
  const drawn = event.target.closest(".pair");
  if (drawn && !drawn.contains(event.relatedTarget)) mark(drawn, null);
});
list.addEventListener("pointerover", (event) => {
  const drawn = event.target.closest(".pair");
  if (drawn) marked(drawn, event.target.closest(".word"));
});
list.addEventListener("pointerout", (event) => {
  const drawn = event.target.closest(".pair");
  if (drawn && !drawn.contains(event.relatedTarget)) marked(drawn, null);
});
list.addEventListener("click", (event) => focusOn(event.target.closest(".word"))); // Safari does not

byId("choose").addEventListener("submit", (event) => event.preventDefault());
byId("search").addEventListener("input", search);
byId("show")?.addEventListener("input", search);
byId("go").addEventListener("change", go);
for (const [id, step] of [["previous", -1], ["next", 1]]) {
  byId(id).addEventListener("click", () => {
    if (!turn(step)) return;
    list.focus({ preventScroll: true });
    byId("count").scrollIntoView({ block: "start" });
  });
}
new ResizeObserver(() => draw(drawnNow())).observe(list);
// Paper has another width than the screen, and no event comes once it is laid out.
const printing = (on) => {
  document.body.classList.toggle("printing", on);
  draw(drawnNow());
};
addEventListener("beforeprint", () => printing(true));
addEventListener("afterprint", () => printing(false));
search();
document.body.dataset.ready = "true";
