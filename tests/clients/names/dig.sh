# The name server with dig: every kind of record, over UDP and TCP, and what is not there.
. "$(dirname "$0")/../cloud.sh"
zone=$(curl -sS -H "authorization: Bearer $CLOUD_TOKEN" "$CLOUD_API/client/v4/zones?name=$CLOUD_ZONE" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["result"][0]["id"])')
record() {
  curl -sS --fail-with-body -H "authorization: Bearer $CLOUD_TOKEN" -H 'content-type: application/json' \
    -d "$1" "$CLOUD_API/client/v4/zones/$zone/dns_records" >"$folder/told" || fail "$1: $(cat "$folder/told")"
}
ask() { dig "@${CLOUD_DNS%:*}" -p "${CLOUD_DNS##*:}" +noall "$@"; }
# Answers of a question of this type and name.
short() { ask +short "$@"; }
# Status and authority of a question.
verdict() { ask +comments +authority "$@" | sed -n 's/.*status: \([A-Z]*\),.*/\1/p'; }

record '{"type": "A", "name": "a", "content": "192.0.2.1"}'
record '{"type": "AAAA", "name": "a", "content": "2001:db8::1"}'
record '{"type": "CNAME", "name": "alias", "content": "a.'"$CLOUD_ZONE"'"}'
record '{"type": "TXT", "name": "text", "content": "\"one two\""}'
record '{"type": "MX", "name": "@", "content": "mail.'"$CLOUD_ZONE"'", "priority": 10}'
record '{"type": "CAA", "name": "@", "data": {"flags": 0, "tag": "issue", "value": "letsencrypt.org"}}'
record '{"type": "A", "name": "*.wild", "content": "192.0.2.2"}'
record '{"type": "A", "name": "www", "content": "192.0.2.3", "proxied": true}'

for over in +notcp +tcp; do
  prints 192.0.2.1 short $over "a.$CLOUD_ZONE" A
  prints 2001:db8::1 short $over "a.$CLOUD_ZONE" AAAA
  prints "a.$CLOUD_ZONE."$'\n'192.0.2.1 short $over "alias.$CLOUD_ZONE" A
  prints '"one two"' short $over "text.$CLOUD_ZONE" TXT
  prints "10 mail.$CLOUD_ZONE." short $over "$CLOUD_ZONE" MX
  prints '0 issue "letsencrypt.org"' short $over "$CLOUD_ZONE" CAA
  prints 192.0.2.2 short $over "any.wild.$CLOUD_ZONE" A
  prints 192.0.2.1 short $over "A.${CLOUD_ZONE^^}" A
  prints NXDOMAIN verdict $over "nothing.$CLOUD_ZONE" A
  prints NOERROR verdict $over "any.wild.$CLOUD_ZONE" TXT
  prints REFUSED verdict $over elsewhere.example A
done
ask +short "$CLOUD_ZONE" SOA | grep -q '[0-9]' || fail "there is no SOA"
[ "$(short "$CLOUD_ZONE" NS | wc -l)" = 2 ] || fail "there are not two name servers"
ask +authority "nothing.$CLOUD_ZONE" A | grep -q 'SOA' || fail "a denial comes without SOA"
# A proxied name answers with the edge's address, not with the origin's.
[ "$(short "www.$CLOUD_ZONE" A)" != 192.0.2.3 ] || fail "the origin of a proxied name is shown"
ask +comments "a.$CLOUD_ZONE" A | grep -q 'flags: qr aa' || fail "the answer is not authoritative"
