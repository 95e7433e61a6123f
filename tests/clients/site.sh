# A site by hand, with nobody's tools but the vendors' and curl: an image, an instance, a load balancer with a certificate, a
# record, and a page through the edge.
. "$(dirname "$0")/cli/cloud.sh"
host=www.$CLOUD_ZONE
call() { curl -sS --fail-with-body -H "authorization: Bearer $CLOUD_TOKEN" -H 'content-type: application/json' "$@"; }

# The image.
pushed site "a page of the shop"

# The network and the instance.
vcn=$(made network vcn create -c "$compartment" --cidr-blocks '["10.0.0.0/16"]')
internet=$(made network internet-gateway create -c "$compartment" --vcn-id "$vcn" --is-enabled true)
table=$(made network route-table create -c "$compartment" --vcn-id "$vcn" \
  --route-rules "[{\"destination\": \"0.0.0.0/0\", \"networkEntityId\": \"$internet\"}]")
everybody='[{"protocol": "all", "source": "0.0.0.0/0"}]'
list=$(made network security-list create -c "$compartment" --vcn-id "$vcn" \
  --ingress-security-rules "$everybody" --egress-security-rules '[{"protocol": "all", "destination": "0.0.0.0/0"}]')
subnet=$(made network subnet create -c "$compartment" --vcn-id "$vcn" --cidr-block 10.0.0.0/24 \
  --route-table-id "$table" --security-list-ids "[\"$list\"]")
domain=$(field 'data[0].name' iam availability-domain list)
done_by container-instances container-instance create -c "$compartment" --availability-domain "$domain" --display-name site \
  --shape CI.Standard.E4.Flex --shape-config '{"ocpus": 1, "memoryInGBs": 2}' --vnics "[{\"subnetId\": \"$subnet\"}]" \
  --image-pull-secrets "$(secret)" \
  --containers "[{\"imageUrl\": \"lhr.ocir.io/$CLOUD_NAMESPACE/shop/site:1\", \"environmentVariables\": {\"GREETING\": \"hello\"}}]"
instance=$(field 'data.items[0].id' container-instances container-instance list -c "$compartment")
vnic=$(field 'data.vnics[0]."vnic-id"' container-instances container-instance get --container-instance-id "$instance")
address=$(field 'data."private-ip"' network vnic get --vnic-id "$vnic")
container=$(field 'data.containers[0]."container-id"' container-instances container-instance get --container-instance-id "$instance")
oci container-instances container retrieve-logs --container-id "$container" --file "$folder/log" >/dev/null
grep -q "serving hello" "$folder/log" || fail "the log of the container: $(cat "$folder/log")"

# The certificate; the vendor's default cipher suite has nothing for other keys.
printf 'dns_cloudflare_api_token = %s\n' "$CLOUD_TOKEN" >"$folder/token"
chmod 600 "$folder/token"
CLOUDFLARE_BASE_URL=$CLOUD_API/client/v4 REQUESTS_CA_BUNDLE=$CLOUD_ROOT quiet certbot certonly --non-interactive --agree-tos \
  --register-unsafely-without-email --dns-cloudflare --dns-cloudflare-credentials "$folder/token" \
  --dns-cloudflare-propagation-seconds 0 --config-dir "$folder/certbot" --work-dir "$folder" --logs-dir "$folder" \
  --server "$CLOUD_DIRECTORY" --key-type rsa -d "$host"
live=$folder/certbot/live/$host

# The load balancer.
done_by lb load-balancer create -c "$compartment" --display-name site --shape-name flexible --subnet-ids "[\"$subnet\"]" \
  --shape-details '{"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10}'
lb=$(field 'data[0].id' lb load-balancer list -c "$compartment")
public=$(field 'data[0]."ip-addresses"[0]."ip-address"' lb load-balancer list -c "$compartment")
done_by lb backend-set create --load-balancer-id "$lb" --name web --policy ROUND_ROBIN \
  --health-checker-protocol HTTP --health-checker-port 8080 --health-checker-url-path / --health-checker-interval-in-ms 2000 --health-checker-timeout-in-ms 1500
done_by lb backend create --load-balancer-id "$lb" --backend-set-name web --ip-address "$address" --port 8080
done_by lb certificate create --load-balancer-id "$lb" --certificate-name site \
  --private-key-file "$live/privkey.pem" --public-certificate-file "$live/fullchain.pem"
done_by lb listener create --load-balancer-id "$lb" --name https --default-backend-set-name web --port 443 --protocol HTTP \
  --ssl-certificate-name site
for _ in $(seq 60); do
  health=$(field data.status lb backend-set-health get --load-balancer-id "$lb" --backend-set-name web)
  [ "$health" != OK ] || break
done
[ "$health" = OK ] || fail "the backend set is $health"

# The record, and the way through the edge, which insists on a certificate that it trusts.
zone=$(call "$CLOUD_API/client/v4/zones?name=$CLOUD_ZONE" | python3 -c 'import json, sys; print(json.load(sys.stdin)["result"][0]["id"])')
call -d "{\"type\": \"A\", \"name\": \"www\", \"content\": \"$public\", \"proxied\": true}" \
  "$CLOUD_API/client/v4/zones/$zone/dns_records" >/dev/null
call -X PATCH -d '{"value": "strict"}' "$CLOUD_API/client/v4/zones/$zone/settings/ssl" >/dev/null
call -X PATCH -d '{"value": "on"}' "$CLOUD_API/client/v4/zones/$zone/settings/always_use_https" >/dev/null
visit() {
  curl -sS --cacert "$CLOUD_ROOT" --connect-to "$host:443:$CLOUD_EDGE_HTTPS" --connect-to "$host:80:$CLOUD_EDGE_HTTP" "$@"
}
prints "a page of the shop" visit --http1.1 "https://$host/"
prints "a page of the shop" visit --http2 "https://$host/index.html"
# The edge names the port that stands for 443 here.
prints "301 https://$host:${CLOUD_EDGE_HTTPS##*:}/a?b=c" visit -o /dev/null -w '%{http_code} %{redirect_url}' "http://$host/a?b=c"
prints 404 visit -o /dev/null -w '%{http_code}' "https://$host/nothing"
visit -o /dev/null -D - "https://$host/" | grep -qi '^cf-ray: ' || fail "the edge does not name itself"
