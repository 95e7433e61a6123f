# A network with the vendor's command line: each kind is made, listed, changed and deleted.
. "$(dirname "$0")/cloud.sh"
net() { oci network "$@"; }

vcn=$(made network vcn create -c "$compartment" --cidr-blocks '["10.0.0.0/16"]' --display-name shop \
  --wait-for-state AVAILABLE "${soon[@]}")
expect 'data."display-name"' shop network vcn get --vcn-id "$vcn"
expect 'length(data)' 1 network vcn list -c "$compartment" --display-name shop
net vcn update --vcn-id "$vcn" --display-name store >/dev/null
expect 'data[0]."display-name"' store network vcn list -c "$compartment"
refused 404 NotAuthorizedOrNotFound network vcn get --vcn-id "${vcn%???}aaa"
refused 400 InvalidParameter network vcn create -c "$compartment" --cidr-blocks '["10.0.0.0/4"]'
refused 412 NoEtagMatch network vcn update --vcn-id "$vcn" --display-name x --if-match nonsense

internet=$(made network internet-gateway create -c "$compartment" --vcn-id "$vcn" --is-enabled true)
expect 'data."is-enabled"' true network internet-gateway get --ig-id "$internet"
expect 'length(data)' 1 network internet-gateway list -c "$compartment" --vcn-id "$vcn"
net internet-gateway update --ig-id "$internet" --display-name door --force >/dev/null

nat=$(made network nat-gateway create -c "$compartment" --vcn-id "$vcn")
expect 'data."block-traffic"' false network nat-gateway get --nat-gateway-id "$nat"
expect 'length(data)' 1 network nat-gateway list -c "$compartment"

all=$(field 'data[?starts_with("cidr-block", `all-`)] | [0].id' network service list)
services=$(made network service-gateway create -c "$compartment" --vcn-id "$vcn" \
  --services "[{\"serviceId\": \"$all\"}]")
expect 'length(data.services)' 1 network service-gateway get --service-gateway-id "$services"
expect 'length(data)' 1 network service-gateway list -c "$compartment" --vcn-id "$vcn"

rule="[{\"destination\": \"0.0.0.0/0\", \"networkEntityId\": \"$internet\"}]"
table=$(made network route-table create -c "$compartment" --vcn-id "$vcn" --route-rules "$rule")
expect 'data."route-rules"[0].destination' 0.0.0.0/0 network route-table get --rt-id "$table"
expect 'length(data)' 2 network route-table list -c "$compartment" --vcn-id "$vcn"
refused 409 Conflict network internet-gateway delete --ig-id "$internet" --force

list=$(made network security-list create -c "$compartment" --vcn-id "$vcn" \
  --egress-security-rules '[]' --ingress-security-rules \
  '[{"protocol": "6", "source": "0.0.0.0/0", "tcpOptions": {"destinationPortRange": {"min": 443, "max": 443}}}]')
expect 'data."ingress-security-rules"[0]."tcp-options"."destination-port-range".min' 443 \
  network security-list get --security-list-id "$list"
net security-list update --security-list-id "$list" --ingress-security-rules '[]' --force >/dev/null
expect 'length(data."ingress-security-rules")' 0 network security-list get --security-list-id "$list"
expect 'length(data)' 2 network security-list list -c "$compartment" --vcn-id "$vcn"

subnet=$(made network subnet create -c "$compartment" --vcn-id "$vcn" --cidr-block 10.0.1.0/24 \
  --route-table-id "$table" --security-list-ids "[\"$list\"]" --wait-for-state AVAILABLE "${soon[@]}")
expect 'data."prohibit-public-ip-on-vnic"' false network subnet get --subnet-id "$subnet"
net subnet update --subnet-id "$subnet" --display-name front --force >/dev/null
expect 'data[0]."display-name"' front network subnet list -c "$compartment" --vcn-id "$vcn"
refused 400 InvalidParameter network subnet create -c "$compartment" --vcn-id "$vcn" --cidr-block 10.9.0.0/24

group=$(made network nsg create -c "$compartment" --vcn-id "$vcn" --display-name web)
net nsg rules add --nsg-id "$group" --security-rules \
  '[{"direction": "INGRESS", "protocol": "6", "source": "192.0.2.0/24", "sourceType": "CIDR_BLOCK"}]' >/dev/null
rule=$(field 'data[0].id' network nsg rules list --nsg-id "$group")
net nsg rules update --nsg-id "$group" --security-rules \
  "[{\"id\": \"$rule\", \"direction\": \"INGRESS\", \"protocol\": \"6\", \"source\": \"198.51.100.0/24\", \"sourceType\": \"CIDR_BLOCK\"}]" >/dev/null
expect 'data[0].source' 198.51.100.0/24 network nsg rules list --nsg-id "$group"
net nsg rules remove --nsg-id "$group" --security-rule-ids "[\"$rule\"]" >/dev/null
nothing network nsg rules list --nsg-id "$group"
net nsg update --nsg-id "$group" --display-name apps --force >/dev/null
expect 'data."display-name"' apps network nsg get --nsg-id "$group"
expect 'length(data)' 1 network nsg list -c "$compartment" --vcn-id "$vcn"
nothing network nsg vnics list --nsg-id "$group"

refused 409 Conflict network vcn delete --vcn-id "$vcn" --force
deleted network nsg delete --nsg-id "$group"
deleted network subnet delete --subnet-id "$subnet" --wait-for-state TERMINATED "${soon[@]}"
deleted network security-list delete --security-list-id "$list"
deleted network route-table delete --rt-id "$table"
deleted network service-gateway delete --service-gateway-id "$services"
deleted network nat-gateway delete --nat-gateway-id "$nat"
deleted network internet-gateway delete --ig-id "$internet"
deleted network vcn delete --vcn-id "$vcn" --wait-for-state TERMINATED "${soon[@]}"
nothing network vcn list -c "$compartment"
