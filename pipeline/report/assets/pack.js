// Data packed by pipeline/report/browser.py: base64 of deflated JSON.
const DIRECTIONS = { to_english: ["source", "english"], from_english: ["english", "source"] };
const packs = new Map();

function unpack(language) {
  if (!packs.has(language)) packs.set(language, languageData(language));
  return packs.get(language);
}

async function inflate(id) {
  const packed = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

async function languageData(language) {
  const data = await inflate(`pack-${language}`);
  for (const side of ["source", "english"]) {
    data[side] = data[side].map((sentence) => sentence.split(" "));
  }
  return data;
}

// The word of one side in pair `at`: its token, its index and the tokens of its sentence. After
// the pairs come [CLS] of all sentences, then [SEP] of all, as in pipeline/encoder/word_vectors.py.
function wordOf(data, side, at) {
  const special = at - data.sentence.length;
  if (special >= 0) {
    const sentences = data.source.length;
    const tokens = data[side][special % sentences];
    return { word: special < sentences ? "[CLS]" : "[SEP]", index: -1, tokens };
  }
  const tokens = data[side][data.sentence[at]];
  const index = data[`${side}_index`][at];
  return { word: tokens[index], index, tokens };
}

// An element with attributes and children; text is never read as HTML.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

// The tokens of a sentence with one of them marked.
function marked({ tokens, index }) {
  const before = tokens.slice(0, Math.max(index, 0)).join(" ");
  if (index < 0) return [tokens.join(" ")];
  const after = tokens.slice(index + 1).join(" ");
  return [before, before && " ", make("mark", {}, tokens[index]), after && " ", after];
}

const byId = (id) => document.getElementById(id);
const read = (id) => JSON.parse(byId(id).textContent);
