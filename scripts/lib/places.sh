# shellcheck shell=bash disable=SC2034
# Where the scripts keep things, and how they talk. Sourced, never run.
#
#   COFFERDAM_STATE_DIR  private engines: their data, sockets and logs (thrown away at will)
#   COFFERDAM_CACHE      downloads and built images, good for any number of runs
#   COFFERDAM_DEBIAN_MIRROR  a Debian mirror; default: the one apt uses, else deb.debian.org

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
state_dir=${COFFERDAM_STATE_DIR:-/var/tmp/cofferdam-test}
cache_dir=${COFFERDAM_CACHE:-/var/cache/cofferdam-test}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# Starts the script over as root when it is not. Call as: become_root "$@"
become_root() {
  [[ $EUID -ne 0 ]] || return 0
  command -v sudo >/dev/null || die "needs root, and there is no sudo"
  local kept=COFFERDAM_STATE_DIR,COFFERDAM_CACHE,COFFERDAM_DEBIAN_MIRROR,DOCKER_HOST,CCACHE_DIR
  exec sudo --preserve-env="$kept" "$0" "$@"
}

debian_mirror() {
  local found
  found=${COFFERDAM_DEBIAN_MIRROR:-$(grep -rhoE --include='*.list' --include='*.sources' \
    '^[^#]*https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
    grep -oE 'https?://[^ ]+' | head -n 1 || true)}
  printf '%s\n' "${found:-http://deb.debian.org/debian}"
}

debian_keyring() {
  local keyring
  for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
    [[ ! -e $keyring ]] || { printf '%s\n' "$keyring"; return; }
  done
  die "Debian's archive keyring is missing (package debian-archive-keyring)"
}
