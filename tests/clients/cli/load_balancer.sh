# A load balancer with the vendor's command line: whole, then each kind of child through its work requests.
. "$(dirname "$0")/cloud.sh"

vcn=$(made network vcn create -c "$compartment" --cidr-blocks '["10.0.0.0/16"]')
subnet=$(made network subnet create -c "$compartment" --vcn-id "$vcn" --cidr-block 10.0.0.0/24)
group=$(made network nsg create -c "$compartment" --vcn-id "$vcn")

expect "data[?name=='flexible'] | [0].name" flexible lb shape list -c "$compartment"
expect "data[?name=='ROUND_ROBIN'] | [0].name" ROUND_ROBIN lb policy list -c "$compartment"
expect "data[?name=='HTTP'] | [0].name" HTTP lb protocol list -c "$compartment"
refused 400 InvalidParameter lb load-balancer create -c "$compartment" --display-name site --shape-name huge --subnet-ids "[\"$subnet\"]"

done_by lb load-balancer create -c "$compartment" --display-name site --shape-name flexible \
  --shape-details '{"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 10}' --subnet-ids "[\"$subnet\"]"
lb=$(field 'data[0].id' lb load-balancer list -c "$compartment" --display-name site)
at=(--load-balancer-id "$lb")
expect 'data."lifecycle-state"' ACTIVE lb load-balancer get "${at[@]}"
expect 'data[0].type' CreateLoadBalancer lb work-request list "${at[@]}"
done_by lb load-balancer update "${at[@]}" --display-name shop --force
done_by lb load-balancer update-load-balancer-shape "${at[@]}" --shape-name flexible \
  --shape-details '{"minimumBandwidthInMbps": 10, "maximumBandwidthInMbps": 20}' --force
done_by lb nsg update "${at[@]}" --nsg-ids "[\"$group\"]" --force
expect 'data."shape-details"."maximum-bandwidth-in-mbps"' 20 lb load-balancer get "${at[@]}"
expect 'data."network-security-group-ids"[0]' "$group" lb load-balancer get "${at[@]}"
refused 409 Conflict network nsg delete --nsg-id "$group" --force

check=(--health-checker-protocol HTTP --health-checker-port 8080 --health-checker-url-path /ready)
done_by lb backend-set create "${at[@]}" --name web --policy ROUND_ROBIN "${check[@]}"
done_by lb backend-set create "${at[@]}" --name shop --policy IP_HASH "${check[@]}"
refused 400 InvalidParameter lb backend-set create "${at[@]}" --name bad --policy SOMEHOW "${check[@]}"
done_by lb backend create "${at[@]}" --backend-set-name web --ip-address 10.0.0.9 --port 8080
done_by lb backend update "${at[@]}" --backend-set-name web --backend-name 10.0.0.9:8080 \
  --weight 3 --backup false --drain true --offline false
expect data.weight 3 lb backend get "${at[@]}" --backend-set-name web --backend-name 10.0.0.9:8080
expect 'length(data)' 1 lb backend list "${at[@]}" --backend-set-name web
expect 'data."total-backend-count"' 1 lb backend-set-health get "${at[@]}" --backend-set-name web
expect 'data."url-path"' /ready lb health-checker get "${at[@]}" --backend-set-name web
done_by lb backend-set update "${at[@]}" --backend-set-name web --policy LEAST_CONNECTIONS --backends '[]' \
  "${check[@]}" --health-checker-return-code 200 --health-checker-retries 3 \
  --health-checker-timeout-in-ms 3000 --health-checker-interval-in-ms 10000 --health-checker-response-body-regex '.*' --force
expect 'length(data.backends)' 0 lb backend-set get "${at[@]}" --backend-set-name web

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=www.example.net \
  -addext subjectAltName=DNS:www.example.net -keyout "$folder/key" -out "$folder/crt" 2>/dev/null
done_by lb certificate create "${at[@]}" --certificate-name tls --private-key-file "$folder/key" --public-certificate-file "$folder/crt"
expect 'data[0]."certificate-name"' tls lb certificate list "${at[@]}"
done_by lb hostname create "${at[@]}" --name www --hostname www.example.net
done_by lb hostname update "${at[@]}" --name www --hostname '*.example.net'
expect data.hostname '*.example.net' lb hostname get "${at[@]}" --name www
done_by lb rule-set create "${at[@]}" --name headers \
  --items '[{"action": "ADD_HTTP_REQUEST_HEADER", "header": "x-one", "value": "1"}]'
done_by lb rule-set update "${at[@]}" --rule-set-name headers \
  --items '[{"action": "REMOVE_HTTP_RESPONSE_HEADER", "header": "server"}]' --force
expect 'data.items[0].action' REMOVE_HTTP_RESPONSE_HEADER lb rule-set get "${at[@]}" --rule-set-name headers
done_by lb path-route-set create "${at[@]}" --name paths --path-routes \
  '[{"path": "/shop", "pathMatchType": {"matchType": "PREFIX_MATCH"}, "backendSetName": "shop"}]'
expect 'data."path-routes"[0].path' /shop lb path-route-set get "${at[@]}" --path-route-set-name paths
done_by lb routing-policy create "${at[@]}" --name routes --condition-language-version V1 --rules \
  "[{\"name\": \"one\", \"condition\": \"any(http.request.url.path sw (i '/shop'))\", \"actions\": [{\"name\": \"FORWARD_TO_BACKENDSET\", \"backendSetName\": \"shop\"}]}]"
expect 'data.rules[0].name' one lb routing-policy get "${at[@]}" --routing-policy-name routes
done_by lb ssl-cipher-suite create "${at[@]}" --name mine --ciphers '["ECDHE-ECDSA-AES128-GCM-SHA256"]'
expect 'data.ciphers[0]' ECDHE-ECDSA-AES128-GCM-SHA256 lb ssl-cipher-suite get "${at[@]}" --name mine

done_by lb listener create "${at[@]}" --name https --default-backend-set-name web --port 443 --protocol HTTP \
  --ssl-certificate-name tls --hostname-names '["www"]' --rule-set-names '["headers"]' --routing-policy-name routes
expect 'data.listeners.https."ssl-configuration"."certificate-name"' tls lb load-balancer get "${at[@]}"
refused 409 Conflict lb certificate delete "${at[@]}" --certificate-name tls --force
refused 400 InvalidParameter lb backend-set delete "${at[@]}" --backend-set-name web --force
done_by lb listener update "${at[@]}" --listener-name https --default-backend-set-name web --port 443 --protocol HTTP \
  --ssl-certificate-name tls --path-route-set-name paths --force
expect 'data.listeners.https."path-route-set-name"' paths lb load-balancer get "${at[@]}"
expect 'data.status' UNKNOWN lb load-balancer-health get "${at[@]}"

done_by lb listener delete "${at[@]}" --listener-name https --force
done_by lb ssl-cipher-suite delete "${at[@]}" --name mine --force
done_by lb routing-policy delete "${at[@]}" --routing-policy-name routes --force
done_by lb path-route-set delete "${at[@]}" --path-route-set-name paths --force
done_by lb rule-set delete "${at[@]}" --rule-set-name headers --force
done_by lb hostname delete "${at[@]}" --name www --force
done_by lb certificate delete "${at[@]}" --certificate-name tls --force
done_by lb backend-set delete "${at[@]}" --backend-set-name shop --force
done_by lb load-balancer delete "${at[@]}" --force
refused 404 NotAuthorizedOrNotFound lb backend-set list "${at[@]}"
