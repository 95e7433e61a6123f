# The registry with skopeo: an image goes up, is looked at, copied within, fetched again and deleted.
. "$(dirname "$0")/../cloud.sh"
at=docker://$CLOUD_REGISTRY/$CLOUD_NAMESPACE/shop
known=(--tls-verify=false --creds "$CLOUD_REGISTRY_USER:$CLOUD_REGISTRY_PASSWORD")
up=(--dest-tls-verify=false --dest-creds "$CLOUD_REGISTRY_USER:$CLOUD_REGISTRY_PASSWORD")
within=(--src-tls-verify=false --src-creds "$CLOUD_REGISTRY_USER:$CLOUD_REGISTRY_PASSWORD")

python3 "$clients/image.py" "$folder/image" one
quiet skopeo --insecure-policy copy "${up[@]}" "oci:$folder/image:1" "$at/web:1"
digest=$(skopeo inspect "${known[@]}" --format '{{.Digest}}' "$at/web:1")
prints "linux" skopeo inspect "${known[@]}" --format '{{.Os}}' "$at/web@$digest"
quiet skopeo --insecure-policy copy "${within[@]}" "${up[@]}" "$at/web:1" "$at/web:2"
quiet skopeo --insecure-policy copy "${within[@]}" "${up[@]}" "$at/web@$digest" "$at/blog:1"
skopeo list-tags "${known[@]}" "$at/web" | grep -q '"2"' || fail "the second tag is not listed"

# The digest is the same after a way through the registry.
quiet skopeo --insecure-policy copy "${within[@]}" "$at/blog:1" "dir:$folder/back"
prints "$digest" skopeo manifest-digest "$folder/back/manifest.json"
# As Docker writes it: another manifest, the same layer.
quiet skopeo --insecure-policy copy "${within[@]}" "${up[@]}" --format v2s2 "$at/web:1" "$at/web:docker"
quiet skopeo inspect "${known[@]}" --raw "$at/web:docker"

fails_saying "403 (Forbidden)" skopeo inspect --tls-verify=false --creds "$CLOUD_REGISTRY_USER:wrong" "$at/web:1"
fails_saying "manifest unknown" skopeo inspect "${known[@]}" "$at/web:9"
quiet skopeo delete "${known[@]}" "$at/blog:1"
fails_saying "manifest unknown" skopeo inspect "${known[@]}" "$at/blog:1"
