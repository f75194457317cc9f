# shellcheck shell=bash
# The engine and its tools, unpacked beside the system and never installed into it.
# Sourced after places.sh.

toolchain_dir=$cache_dir/toolchain

# Debian 13's Go programs run on Debian 12 as they are; its runc needs a newer libc, so both
# engines use Debian 12's runc. The libraries are those a minimal system may lack.
packages_of() {
  case $1 in
    20) echo docker.io/bookworm containerd/bookworm tini/bookworm runc/bookworm \
      libseccomp2/bookworm libdevmapper1.02.1/bookworm ;;
    26) echo docker.io/trixie containerd/trixie tini/trixie runc/bookworm libseccomp2/bookworm ;;
    cli) echo docker-cli/trixie docker-compose/trixie docker-buildx/trixie ;;
    *) die "no engine of version '$1': 20 or 26" ;;
  esac
}

# An apt of our own: own sources, lists and package state, checked with Debian's keys.
private_apt() {
  local apt=$toolchain_dir/apt
  apt-get -q -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}

refresh_private_apt() {
  local apt=$toolchain_dir/apt suite
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  for suite in bookworm trixie; do
    echo "deb [signed-by=$(debian_keyring)] $(debian_mirror) $suite main"
  done >"$apt/sources.list"
  private_apt update >&2
}

# Unpacks `20`, `26` or `cli` once; a finished folder is recognised by its name.
unpack_toolchain() {
  local name=$1 target=$toolchain_dir/$1 partial=$toolchain_dir/.$1.partial package
  [[ ! -d $target ]] || return 0
  mkdir -p "$toolchain_dir"
  (
    flock 9
    [[ ! -d $target ]] || exit 0
    say "unpacking the container engine's packages ($name)"
    refresh_private_apt
    rm -rf "$partial"
    mkdir -p "$partial/debs"
    # shellcheck disable=SC2046  # one word per package is meant
    (cd "$partial/debs" && private_apt download $(packages_of "$name") >&2)
    for package in "$partial"/debs/*.deb; do
      dpkg-deb -x "$package" "$partial"
    done
    rm -rf "$partial/debs"
    mv "$partial" "$target"
  ) 9>"$toolchain_dir/.lock"
  [[ -d $target ]] || die "could not unpack the engine's packages ($name)"
}

# The folder DOCKER_CONFIG names: the CLI's plugins, and nothing of the user's own.
docker_config_dir() {
  local config=$toolchain_dir/config plugin
  unpack_toolchain cli
  mkdir -p "$config/cli-plugins"
  for plugin in "$toolchain_dir"/cli/usr/libexec/docker/cli-plugins/*; do
    ln -sfn "$plugin" "$config/cli-plugins/${plugin##*/}"
  done
  printf '%s\n' "$config"
}

private_docker() {
  DOCKER_CONFIG=$(docker_config_dir) "$toolchain_dir/cli/usr/bin/docker" "$@"
}
