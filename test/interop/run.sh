#!/usr/bin/env bash
# Installs by name what the interop tests talk to, then runs them. Without root (or sudo without a password) nothing is
# installed, and the tests whose programs are missing count as skipped.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# npm has put the first one there already; the second is where Debian keeps apache2 and shibd.
export PATH="$PWD/node_modules/.bin:$PATH:/usr/sbin"

packages=(
  xmlsec1 libxml2-utils openssl strace
  apache2 libapache2-mod-auth-mellon
  libapache2-mod-shib shibboleth-sp-utils
  systemd
  nginx
  haproxy
  chromium
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)
  [ "$state" = installed ] || missing+=("$package")
done

root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo -n); fi

install() {
  # Debian asks this file before it starts a service: 101 says no. The tests start what they need, on their own ports.
  local policy=/usr/sbin/policy-rc.d kept status
  kept=$(mktemp -u /usr/sbin/policy-rc.d.XXXXXX)
  if [ -e $policy ]; then "${root[@]}" mv $policy "$kept"; fi
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee $policy >/dev/null
  "${root[@]}" chmod 755 $policy
  "${root[@]}" apt-get -qq update &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -qq install -y --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null
  status=$?
  "${root[@]}" rm -f $policy
  if [ -e "$kept" ]; then "${root[@]}" mv "$kept" $policy; fi
  return $status
}

outcome=0
if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "skipped: no apt-get here, so not installed: ${missing[*]}"
  elif [ ${#root[@]} -gt 0 ] && ! sudo -n true 2>/dev/null; then
    echo "skipped: only root can install ${missing[*]}"
    echo "         (as root: apt-get install ${missing[*]})"
  else
    echo "installing ${missing[*]}"
    install || { echo "apt-get could not install ${missing[*]}"; outcome=1; }
  fi
fi

vitest run --config vitest.interop.config.ts "$@" || outcome=1
exit $outcome
