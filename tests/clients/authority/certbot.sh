# The authority with certbot, which proves a zone to it through the vendor's DNS API: issue, renew, revoke.
. "$(dirname "$0")/../cloud.sh"
export REQUESTS_CA_BUNDLE=$CLOUD_ROOT CLOUDFLARE_BASE_URL=$CLOUD_API/client/v4
printf 'dns_cloudflare_api_token = %s\n' "$CLOUD_TOKEN" >"$folder/token"
chmod 600 "$folder/token"
bot() {
  quiet certbot "$@" --config-dir "$folder/config" --work-dir "$folder/work" --logs-dir "$folder/logs" \
    --server "$CLOUD_DIRECTORY" --non-interactive
}
serial() { openssl x509 -in "$folder/config/live/$CLOUD_ZONE/cert.pem" -noout -serial; }

bot certonly --agree-tos --register-unsafely-without-email --dns-cloudflare \
  --dns-cloudflare-credentials "$folder/token" --dns-cloudflare-propagation-seconds 0 \
  -d "$CLOUD_ZONE" -d "*.$CLOUD_ZONE"
openssl x509 -in "$folder/config/live/$CLOUD_ZONE/cert.pem" -noout -ext subjectAltName |
  grep -qF "DNS:*.$CLOUD_ZONE" || fail "the names are not in the certificate"
openssl verify -CAfile "$CLOUD_ROOT" -untrusted "$folder/config/live/$CLOUD_ZONE/chain.pem" \
  "$folder/config/live/$CLOUD_ZONE/cert.pem" >/dev/null || fail "the chain does not lead to the root"
first=$(serial)
bot renew --force-renewal --no-random-sleep-on-renew
[ "$(serial)" != "$first" ] || fail "renewed, and the certificate is the same"
bot revoke --cert-name "$CLOUD_ZONE" --reason superseded --delete-after-revoke
bot unregister
