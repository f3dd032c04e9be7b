# A machine that runs Redis and its sentinel, as Debian packages them.
#
# BASE is any image of Debian or its like; what it has already is not installed again, so that one with everything (see
# FAULTLINE_BASE_PACKAGES in docker/base-from-debian.sh) needs no network.
ARG BASE=debian:bookworm-slim
FROM ${BASE}

USER root

RUN set -eu; missing=''; \
    command -v redis-server >/dev/null || missing="$missing redis-server"; \
    command -v redis-sentinel >/dev/null || missing="$missing redis-sentinel"; \
    ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"; \
    if [ -n "$missing" ]; then \
      command -v apt-get >/dev/null || { echo "the base image lacks$missing and has no apt-get to install it" >&2; exit 1; }; \
      # The packages would start their services, in a build as well.
      [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 0755 /usr/sbin/policy-rc.d; }; \
      apt-get update -qq; \
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; \
      rm -rf /var/lib/apt/lists/*; \
    fi; \
    redis-server --version; redis-sentinel --version

# Images of Node have a user with this id already, under another name.
RUN set -eu; \
    getent group 1000 >/dev/null || groupadd --gid 1000 faultline; \
    user=$(getent passwd 1000 | cut -d: -f1); \
    case "$user" in \
      faultline) ;; \
      '') useradd --uid 1000 --gid 1000 --no-create-home --home-dir /data --shell /bin/sh faultline ;; \
      *) usermod --login faultline --gid 1000 --home /data "$user" ;; \
    esac; \
    mkdir -p /data /run/faultline; \
    chown 1000:1000 /data /run/faultline
