/** Colours for YAML and its `=` expressions: the text stays what it is. */

const PARTS = [
  ["comment", /#.*/y],
  ["string", /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y],
  ["expression", /=[^\s,\]}][^,\]}\n#]*/y],
  ["key", /[\w./-]+(?=:(?:\s|$))/y],
  ["number", /-?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/y],
  ["plain", /[\w./-]+|\s+|[^\w\s]/y],
];

/** Replace the text of `code` by the same text in coloured spans. */
export function colourYaml(code) {
  const lines = code.textContent.split("\n");
  code.replaceChildren();
  lines.forEach((line, index) => {
    for (const [kind, text] of tokens(line)) code.append(kind === "plain" ? text : span(kind, text));
    if (index < lines.length - 1) code.append("\n");
  });
}

function tokens(line) {
  const found = [];
  let at = 0;
  while (at < line.length) {
    for (const [kind, pattern] of PARTS) {
      pattern.lastIndex = at;
      const match = pattern.exec(line);
      if (!match) continue;
      if (kind === "comment" && at > 0 && !/\s/.test(line[at - 1])) continue;
      found.push([kind === "string" && match[0][1] === "=" ? "expression" : kind, match[0]]);
      at = pattern.lastIndex;
      break;
    }
  }
  return found;
}

function span(kind, text) {
  const element = document.createElement("span");
  element.className = `yaml-${kind}`;
  element.textContent = text;
  return element;
}
