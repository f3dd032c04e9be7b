#!/usr/bin/env bash
# Makes the image that docker/Dockerfile builds on, from Debian's packages and the Node on this machine: for where no
# image registry can be reached.
#
#   docker/base-from-debian.sh [TAG]         TAG is faultline-base:debian when it is not given
#
# Does nothing where the image is there, made by this script as it is now with this Node.
# FAULTLINE_DEBIAN_MIRROR: a mirror other than Debian's own. FAULTLINE_BASE_PACKAGES: more packages, comma-separated.
set -euo pipefail

tag=${1:-faultline-base:debian}
suite=bookworm
packages=libfaketime,iptables,iproute2,libstdc++6,libatomic1,ca-certificates

fail() {
  echo "base-from-debian: $*" >&2
  exit 1
}

case "$tag" in
-h | --help)
  sed -n '2,/^set/{/^# \{0,1\}/s/^# \{0,1\}//p}' "$0"
  exit 0
  ;;
-*) fail "unknown flag '$tag'; the only argument is the image's tag" ;;
esac
[ $# -le 1 ] || fail "too many arguments: the only one is the image's tag"

missing=0
need() {
  command -v "$1" >/dev/null && return
  echo "base-from-debian: $1 is missing: $2" >&2
  missing=1
}
need mmdebstrap "apt-get install mmdebstrap"
need docker "apt-get install docker.io"
need node "install Node 20.19 or newer; the image gets a copy of it"
[ "$missing" = 0 ] || exit 1
docker version >/dev/null 2>&1 ||
  fail "no Docker engine answers: $(docker version 2>&1 >/dev/null | tail -n 1)"

node=$(node -p 'process.execPath')
version=$("$node" --version)
made_from=$({ cat "$0"; echo "$version ${FAULTLINE_BASE_PACKAGES:-}"; } | sha256sum | cut -c 1-16)
there=$(docker image inspect --format '{{ index .Config.Labels "faultline.base" }}' "$tag" 2>/dev/null || true)
if [ "$there" = "$made_from" ]; then
  echo "$tag is there and up to date; use it with FAULTLINE_BASE_IMAGE=$tag"
  exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/faultline-base.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

echo "making $tag: Debian $suite and Node $version"
# The check runs inside: a Node that leans on libraries of this machine would fail in every container, and worse to read.
if ! mmdebstrap --quiet --variant=minbase \
  --include="$packages${FAULTLINE_BASE_PACKAGES:+,$FAULTLINE_BASE_PACKAGES}" \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook="upload '$node' /usr/local/bin/node" \
  --customize-hook='chmod 0755 "$1/usr/local/bin/node"' \
  --customize-hook='chroot "$1" /usr/local/bin/node --version >/dev/null' \
  "$suite" "$work/root.tar" ${FAULTLINE_DEBIAN_MIRROR:+"$FAULTLINE_DEBIAN_MIRROR"} >"$work/log" 2>&1; then
  tail -n 15 "$work/log" >&2
  fail "Debian could not be put together (the end of mmdebstrap's output is above); are its packages reachable, and does $node run on Debian $suite?"
fi
docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'CMD ["node"]' \
  --change "LABEL faultline.base=$made_from" \
  --message 'Debian packages and a copy of Node' \
  "$work/root.tar" "$tag" >/dev/null
echo "made $tag; use it with FAULTLINE_BASE_IMAGE=$tag"
