#!/usr/bin/env bash
# Renders every Mermaid diagram of the README and the documents, in the light and the dark theme, into target/pictures: one
# with an error fails. Says so where it has no npm or no Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v npm >/dev/null; then echo "SKIPPED pictures: no npm"; exit 0; fi
if ! command -v chromium >/dev/null; then
  (apt-get update -q && apt-get install -y -q chromium) >/dev/null 2>&1 || { echo "SKIPPED pictures: no Chromium"; exit 0; }
fi

work=target/pictures
mkdir -p "$work"
npm_folder=target/tools/mermaid
if [ ! -x "$npm_folder/node_modules/.bin/mmdc" ]; then
  PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-fund --no-audit --prefix "$npm_folder" @mermaid-js/mermaid-cli@11
fi
cat >"$work/chromium.json" <<END
{"executablePath": "$(command -v chromium)", "args": ["--no-sandbox", "--disable-quic", "--disable-background-networking"]}
END

rendered=0
for page in README.md docs/*.md; do
  found=$(grep -c '^```mermaid$' "$page" || true)
  [ "$found" != 0 ] || continue
  for theme in default dark; do
    "$npm_folder/node_modules/.bin/mmdc" --quiet --puppeteerConfigFile "$work/chromium.json" --theme "$theme" \
      --backgroundColor "$([ "$theme" = dark ] && echo '#0d1117' || echo white)" --scale 2 --outputFormat png \
      --input "$page" --output "$work/$theme-$(basename "$page")"
  done
  rendered=$((rendered + found))
done
echo "pictures: $rendered diagrams rendered, light and dark"
