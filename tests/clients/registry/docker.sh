# The registry with Docker: log in, build, push, pull.
. "$(dirname "$0")/../cloud.sh"
export DOCKER_CONFIG=$folder/config
image=$CLOUD_REGISTRY/$CLOUD_NAMESPACE/shop/docker:1
trap 'docker rmi -f "$image" >/dev/null 2>&1; rm -rf "$folder"' EXIT

mkdir "$folder/context"
cp "$(command -v busybox)" "$folder/context/busybox"
printf 'FROM scratch\nCOPY busybox /bin/busybox\nENTRYPOINT ["/bin/busybox"]\n' >"$folder/context/Dockerfile"
DOCKER_BUILDKIT=0 quiet docker build --tag "$image" "$folder/context"
fails_saying denied docker push "$image"
printf %s "$CLOUD_REGISTRY_PASSWORD" | quiet docker login --username "$CLOUD_REGISTRY_USER" --password-stdin "$CLOUD_REGISTRY"
quiet docker push "$image"
first=$(docker inspect --format '{{.Id}}' "$image")
quiet docker rmi "$image"
quiet docker pull "$image"
prints "$first" docker inspect --format '{{.Id}}' "$image"
prints "it runs" docker run --rm --network none "$image" echo it runs
quiet docker logout "$CLOUD_REGISTRY"
