# Container instances with the vendor's command line: made, read, stopped, started, changed, deleted.
. "$(dirname "$0")/cloud.sh"
ci() { oci container-instances "$@"; }

vcn=$(made network vcn create -c "$compartment" --cidr-blocks '["10.0.0.0/16"]')
subnet=$(made network subnet create -c "$compartment" --vcn-id "$vcn" --cidr-block 10.0.0.0/24)
domain=$(field 'data[0].name' iam availability-domain list)
expect "data.items[?name=='CI.Standard.E4.Flex'] | [0].name" CI.Standard.E4.Flex \
  container-instances container-instance list-shapes -c "$compartment"

create=(container-instances container-instance create -c "$compartment" --availability-domain "$domain"
  --shape-config '{"ocpus": 1, "memoryInGBs": 2}' --vnics "[{\"subnetId\": \"$subnet\"}]")
refused 400 InvalidParameter "${create[@]}" --shape CI.Nothing --containers '[{"imageUrl": "a"}]'
refused 400 InvalidParameter "${create[@]}" --shape CI.Standard.E4.Flex --containers '[]'

image=lhr.ocir.io/$CLOUD_NAMESPACE/shop/site:1
pushed site "a page"
done_by "${create[@]}" --shape CI.Standard.E4.Flex --display-name site --image-pull-secrets "$(secret)" \
  --containers "[{\"imageUrl\": \"$image\", \"environmentVariables\": {\"GREETING\": \"hello\"}}]"
id=$(field 'data.items[0].id' container-instances container-instance list -c "$compartment" --display-name site)
at=(--container-instance-id "$id")
expect 'data."lifecycle-state"' ACTIVE container-instances container-instance get "${at[@]}"
container=$(field 'data.containers[0]."container-id"' container-instances container-instance get "${at[@]}")
expect 'data."image-url"' "$image" container-instances container get --container-id "$container"
expect 'data.items[0].id' "$container" container-instances container list -c "$compartment"
vnic=$(field 'data.vnics[0]."vnic-id"' container-instances container-instance get "${at[@]}")
expect 'data."subnet-id"' "$subnet" network vnic get --vnic-id "$vnic"
refused 409 Conflict network subnet delete --subnet-id "$subnet" --force

done_by container-instances container-instance stop "${at[@]}"
expect 'data."lifecycle-state"' INACTIVE container-instances container-instance get "${at[@]}"
done_by container-instances container-instance start "${at[@]}"
done_by container-instances container-instance restart "${at[@]}"
done_by container-instances container-instance update "${at[@]}" --display-name shop --force
expect 'data."display-name"' shop container-instances container-instance get "${at[@]}"
ci container retrieve-logs --container-id "$container" --file "$folder/log" >/dev/null
grep -q hello "$folder/log" || fail "the container's log: $(cat "$folder/log")"

done_by container-instances container-instance delete "${at[@]}" --force
expect 'data."lifecycle-state"' DELETED container-instances container-instance get "${at[@]}"

# An image that nobody has: accepted, and the work request says why it failed.
work=$(field '"opc-work-request-id"' "${create[@]}" --shape CI.Standard.E4.Flex --containers '[{"imageUrl": "nobody-has-this"}]')
for _ in $(seq 60); do
  [ "$(field data.status container-instances work-request get --work-request-id "$work")" != FAILED ] || break
done
[ -n "$(field 'data.items[0].message' container-instances work-request list-errors --work-request-id "$work")" ] || fail "no reason is given"
# What failed still holds its address.
id=$(field 'data.items[0].id' container-instances container-instance list -c "$compartment" --lifecycle-state FAILED)
done_by container-instances container-instance delete --container-instance-id "$id" --force
deleted network subnet delete --subnet-id "$subnet"
deleted network vcn delete --vcn-id "$vcn"
