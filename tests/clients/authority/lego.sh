# The authority with lego, which proves a name with a record it is told of by a script: issue, renew, revoke.
. "$(dirname "$0")/../cloud.sh"
export LEGO_CA_CERTIFICATES=$CLOUD_ROOT EXEC_PATH=$folder/record EXEC_POLLING_INTERVAL=1 EXEC_PROPAGATION_TIMEOUT=60
cat >"$EXEC_PATH" <<'SCRIPT'
#!/usr/bin/env bash
# lego calls: present|cleanup FQDN VALUE
set -euo pipefail
call() { curl -sS --fail -H "authorization: Bearer $CLOUD_TOKEN" -H 'content-type: application/json' "$@"; }
ids() { python3 -c 'import json, sys; [print(one["id"]) for one in json.load(sys.stdin)["result"]]'; }
zone=$(call "$CLOUD_API/client/v4/zones?name=$CLOUD_ZONE" | ids)
records=$CLOUD_API/client/v4/zones/$zone/dns_records
case $1 in
  present) call -d "{\"type\": \"TXT\", \"name\": \"${2%.}\", \"content\": \"\\\"$3\\\"\"}" "$records" ;;
  cleanup) for id in $(call "$records?type=TXT&name=${2%.}" | ids); do call -X DELETE "$records/$id"; done ;;
esac >/dev/null
SCRIPT
chmod +x "$EXEC_PATH"
go() {
  quiet lego --path "$folder/lego" --server "$CLOUD_DIRECTORY" --accept-tos --email ada@example.net --key-type ec384 \
    --dns exec --dns.resolvers "$CLOUD_DNS" --dns.disable-cp --domains "www.$CLOUD_ZONE" "$@"
}
certificate=$folder/lego/certificates/www.$CLOUD_ZONE.crt
serial() { openssl x509 -in "$certificate" -noout -serial; }

go run
openssl x509 -in "$certificate" -noout -text | grep -qF "P-384" || fail "the key is of another kind"
first=$(serial)
go renew --days 400 --no-random-sleep
[ "$(serial)" != "$first" ] || fail "renewed, and the certificate is the same"
go revoke
