# Who and where, with the vendor's command line.
. "$(dirname "$0")/cloud.sh"

expect 'data."compartment-id"' "$tenancy" iam compartment get --compartment-id "$compartment"
expect "length(data[?id=='$compartment'])" 1 iam compartment list -c "$tenancy"
expect 'data[0]."compartment-id"' "$tenancy" iam availability-domain list
domain=$(field 'data[0].name' iam availability-domain list)
expect 'length(data)' 3 iam fault-domain list -c "$tenancy" --availability-domain "$domain"
expect "data[?name=='uk-london-1'] | [0].key" LHR iam region list
expect 'data[?"is-home-region"] | [0]."region-name"' uk-london-1 iam region-subscription list
expect data.id "$tenancy" iam tenancy get --tenancy-id "$tenancy"
user=$(sed -n 's/^user *= *//p' "$CLOUD_CONFIG")
expect data.id "$user" iam user get --user-id "$user"
refused 404 NotAuthorizedOrNotFound iam user get --user-id "${user%???}aaa"
