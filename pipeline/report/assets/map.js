// The map: the same words by each method, in one language; a word can be picked out.
const SIDES = ["source", "english"];

function mapSpec(rows) {
  const axis = { type: "quantitative", axis: null, scale: { zero: false, nice: false, padding: 14 } };
  const place = { x: { field: "x", ...axis }, y: { field: "y", ...axis } };
  const picked = "word === '' || datum.name === word";
  const colours = SIDES.map((side) => getComputedStyle(document.body).getPropertyValue(`--${side}`).trim());
  const side = { field: "side", type: "nominal", legend: null };
  return {
    width: "container",
    height: 380,
    params: [{ name: "word", value: "" }],
    data: { name: "points", values: rows },
    layer: [
      {
        mark: { type: "point", filled: true, size: 58, strokeWidth: 0 },
        encoding: {
          ...place,
          color: { ...side, scale: { domain: SIDES, range: colours } },
          shape: { ...side, scale: { domain: SIDES, range: ["triangle-up", "circle"] } },
          opacity: { condition: { test: picked, value: 0.78 }, value: 0.08 },
          tooltip: ["word", "language", "sentence"].map((field) => ({ field, type: "nominal" })),
        },
      },
      {
        transform: [
          { filter: `datum.side === 'english' && (${picked})` },
          { aggregate: [{ op: "median", field: "x", as: "x" }, { op: "median", field: "y", as: "y" }], groupby: ["name"] },
        ],
        mark: { type: "text", fontSize: 12, dy: -11, aria: false },
        encoding: { ...place, text: { field: "name" } },
      },
    ],
  };
}

// The points of a method as rows; English first, so that the smaller triangles lie on its circles.
function mapRows(data, method, language) {
  const points = [...data.map[method]].sort((one, other) => other[0] - one[0]);
  return points.map(([english, pair, x, y]) => {
    const side = SIDES[english];
    const { word, tokens } = wordOf(data, side, pair);
    const names = SIDES.map((each) => wordOf(data, each, pair).word.toLocaleLowerCase());
    const spoken = english ? "English" : language;
    return { side, x, y, word, language: spoken, sentence: tokens.join(" "), name: names.join(" · ") };
  });
}

async function showMap() {
  const language = byId("map-language");
  const data = await unpack(language.value);
  if (data !== (await unpack(language.value))) return; // another one was chosen meanwhile
  const spoken = language.selectedOptions[0].textContent;
  byId("map-source").textContent = spoken;
  let names = [];
  for (const element of document.querySelectorAll("[data-map]")) {
    const method = element.dataset.map;
    const rows = mapRows(data, method, spoken);
    if (!rows.length && !views.has(`map-${method}`)) {
      element.textContent = "No word is frequent enough in this test set.";
      continue;
    }
    const title = `t-SNE map of ${rows.length} words in English and ${spoken}, ${method}`;
    const view = views.get(`map-${method}`) ?? (await draw(element, `map-${method}`, mapSpec(rows), title));
    await view.data("points", rows).signal("word", "").runAsync();
    names = [...new Set(rows.map((row) => row.name))];
  }
  const all = make("option", { value: "" }, "all words");
  byId("map-word").replaceChildren(all, ...names.sort().map((name) => make("option", {}, name)));
  tabulateMap(data, spoken);
}

function tabulateMap(data, spoken) {
  const cell = (text, name = "td") => make(name, name === "th" ? { scope: "col" } : {}, text);
  const [method] = Object.keys(data.map);
  const pairs = [...new Set(data.map[method].map(([, pair]) => pair))];
  const head = [spoken, "English", `Sentence in ${spoken}`, "Sentence in English"];
  const rows = pairs.map((pair) => {
    const words = SIDES.map((side) => wordOf(data, side, pair));
    const texts = [...words.map((each) => each.word), ...words.map((each) => each.tokens.join(" "))];
    return make("tr", {}, ...texts.map((text) => cell(text)));
  });
  const caption = make("caption", {}, "Words on the map with their sentences");
  const top = make("thead", {}, make("tr", {}, ...head.map((text) => cell(text, "th"))));
  byId("map-table").replaceChildren(caption, top, make("tbody", {}, ...rows));
}

byId("map-language").addEventListener("change", showMap);
byId("map-word").addEventListener("change", (event) => {
  for (const [name, view] of views) {
    if (name.startsWith("map-")) view.signal("word", event.target.value).runAsync();
  }
});
const mapped = showMap();
