# The local cloud as the vendor's command line meets it: nothing here knows deployer. Sourced by the scripts beside it.
. "$(dirname "${BASH_SOURCE[0]}")/../cloud.sh"

export OCI_CLI_CONFIG_FILE=$CLOUD_CONFIG OCI_CLI_ENDPOINT=$CLOUD_API
export OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING=True SUPPRESS_LABEL_WARNING=True
readonly compartment=$CLOUD_COMPARTMENT
tenancy=$(sed -n 's/^tenancy *= *//p' "$CLOUD_CONFIG")
readonly tenancy
# The cloud has no latency unless it is told to; the command line looks every 30 s unless it is told to.
readonly soon=(--wait-interval-seconds 1 --max-wait-seconds 60)
# Prints the field $1 of what the rest of the words print.
field() {
  local query=$1
  shift
  oci "$@" --query "$query" --raw-output 2>"$folder/told" || { cat "$folder/told" >&2; fail "$*"; }
}

# Prints the OCID of what the rest of the words make.
made() { field data.id "$@"; }

# The field $1 of what the command $3… prints is $2.
expect() {
  local query=$1 expected=$2 found
  shift 2
  found=$(field "$query" "$@")
  [ "$found" = "$expected" ] || fail "$*: $query is \`$found\`, not \`$expected\`"
}

# The command lists nothing, which it says by saying nothing.
nothing() {
  local found
  found=$(field data "$@")
  [ -z "$found" ] || fail "$*: $found"
}

# The command is refused with this status and code.
refused() {
  local status=$1 code=$2
  shift 2
  if oci "$@" --no-retry >"$folder/told" 2>&1; then
    fail "$* should have been refused"
  fi
  grep -q "\"status\": $status" "$folder/told" && grep -q "\"code\": \"$code\"" "$folder/told" ||
    fail "$*: $(cat "$folder/told")"
}

# Does the command, and waits until what it asked for is done.
done_by() {
  oci "$@" --wait-for-state SUCCEEDED "${soon[@]}" >"$folder/told" 2>&1 ||
    fail "$*: $(cat "$folder/told")"
}

# Deletes without a question.
deleted() {
  oci "$@" --force >"$folder/told" 2>&1 || fail "$*: $(cat "$folder/told")"
}

# Pushes an image whose page says $2 as version 1 of the repository shop/$1.
pushed() {
  python3 "$clients/image.py" "$folder/image" "$2"
  quiet skopeo --insecure-policy copy --dest-tls-verify=false --dest-creds "$CLOUD_REGISTRY_USER:$CLOUD_REGISTRY_PASSWORD" \
    "oci:$folder/image:1" "docker://$CLOUD_REGISTRY/$CLOUD_NAMESPACE/shop/$1:1"
}

# With what a container instance pulls it.
secret() {
  printf '[{"secretType": "BASIC", "registryEndpoint": "lhr.ocir.io", "username": "%s", "password": "%s"}]' \
    "$(printf %s "$CLOUD_REGISTRY_USER" | base64 -w0)" "$(printf %s "$CLOUD_REGISTRY_PASSWORD" | base64 -w0)"
}
