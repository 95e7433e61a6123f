# Repositories of container images with the vendor's command line.
. "$(dirname "$0")/cloud.sh"
repo() { oci artifacts container repository "$@"; }

id=$(made artifacts container repository create -c "$compartment" --display-name shop/web)
refused 409 NotAuthorizedOrResourceAlreadyExists artifacts container repository create -c "$compartment" --display-name shop/web
refused 400 InvalidParameter artifacts container repository create -c "$compartment" --display-name 'Shop Web'
expect 'data."is-public"' false artifacts container repository get --repository-id "$id"
repo update --repository-id "$id" --is-immutable true >/dev/null
expect 'data."is-immutable"' true artifacts container repository get --repository-id "$id"
expect 'data.items[0]."display-name"' shop/web artifacts container repository list -c "$compartment"
expect 'length(data.items)' 0 artifacts container image list -c "$compartment"
expect 'data."is-repository-created-on-first-push"' true artifacts container configuration get -c "$compartment"
deleted artifacts container repository delete --repository-id "$id"
expect 'length(data.items)' 0 artifacts container repository list -c "$compartment"
