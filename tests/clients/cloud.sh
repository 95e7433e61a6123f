# What all scripts of clients share; nothing here knows deployer. Sourced.
set -euo pipefail

clients=$(dirname "${BASH_SOURCE[0]}")
readonly clients
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "line ${BASH_LINENO[1]}: $*" >&2
  exit 1
}

# $1 is what the rest of the words print.
prints() {
  local expected=$1 found
  shift
  found=$("$@" 2>"$folder/told") || fail "$*: $(cat "$folder/told")"
  [ "$found" = "$expected" ] || fail "$*: \`$found\`, not \`$expected\`"
}

# The rest of the words fail, and say $1.
fails_saying() {
  local words=$1
  shift
  if "$@" >"$folder/told" 2>&1; then
    fail "$* should have failed"
  fi
  grep -qF -- "$words" "$folder/told" || fail "$*: $(cat "$folder/told")"
}

# Does the words in silence.
quiet() { "$@" >"$folder/told" 2>&1 || fail "$*: $(cat "$folder/told")"; }
