# Buckets and objects with the vendor's command line.
. "$(dirname "$0")/cloud.sh"
namespace=$(field data os ns get)
where=(-ns "$namespace" -bn state)

expect data.name state os bucket create -ns "$namespace" -c "$compartment" --name state
refused 409 BucketAlreadyExists os bucket create -ns "$namespace" -c "$compartment" --name state
expect 'data[0].name' state os bucket list -ns "$namespace" -c "$compartment"
expect 'data."public-access-type"' NoPublicAccess os bucket get "${where[@]}"

printf 'one' >"$folder/object"
oci os object put "${where[@]}" --name a/b --file "$folder/object" --no-multipart >/dev/null 2>&1
expect 'data[0].name' a/b os object list "${where[@]}"
expect '"content-length"' 3 os object head "${where[@]}" --name a/b
oci os object get "${where[@]}" --name a/b --file "$folder/got" >/dev/null 2>&1
[ "$(cat "$folder/got")" = one ] || fail "another object came back"
refused 412 IfMatchFailed os object put "${where[@]}" --name a/b --file "$folder/object" --no-multipart --force --if-match nonsense
refused 404 ObjectNotFound os object delete "${where[@]}" --name nothing --force
refused 409 BucketNotEmpty os bucket delete "${where[@]}" --force
deleted os object delete "${where[@]}" --name a/b
deleted os bucket delete "${where[@]}"
nothing os bucket list -ns "$namespace" -c "$compartment"
