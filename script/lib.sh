# shellcheck shell=bash
# What script/demo and script/test share: make this machine ready, saying before what is installed and why.
# Every message goes to standard error, because standard output belongs to the caller's result.
# Must leave no service running or enabled that was not, and no file of its own outside node_modules and dist.

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# What is needed: Debian package | why | a command that succeeds when it is there.
demo_needs=(
  "ca-certificates|certificates to fetch npm packages|test -s /etc/ssl/certs/ca-certificates.crt"
  "nodejs|starts npm, which brings the Node.js that Sallyport runs on|command -v node"
  "npm|installs the packages that package-lock.json names|command -v npm"
  "nftables|the firewall that Sallyport drives, and the nft command|command -v nft"
  "libnftables1|the same firewall as a library, loaded into the process|has_library libnftables.so.1"
  "iproute2|ip makes the demo's network namespaces, ss lists live connections|command -v ip && command -v ss"
  "openssh-server|the demo protects a real sshd, started inside a namespace|command -v sshd"
  "openssh-client|the demo's operator logs in with ssh|command -v ssh && command -v ssh-keygen"
  "conntrack|shows the kernel's table of live connections|command -v conntrack"
)
test_needs=(
  "${demo_needs[@]}"
  "ufw|a firewall of others that reloads beside ours, in namespaces of the tests|command -v ufw"
  "firewalld|another one; it is started only inside a namespace|command -v firewalld"
  "iptables|and the rules that both it and people write|command -v iptables-restore"
  "procps|sysctl sets up the network namespaces of the tests|command -v sysctl"
  "libfaketime|the wall clock of a real agent jumps by hours in a test|ls /usr/lib/*/faketime/libfaketimeMT.so.1"
  "postgresql|the store's tests start their own throw-away server|ls /usr/lib/postgresql/*/bin/initdb"
  "chromium|people sign in with a real browser in the tests|command -v chromium"
  "python3-venv|moto, an imitation of AWS, gets a Python of its own|python3 -c 'import ensurepip, venv'"
  "azure-cli|the real Azure command line is walked through a fresh server (as large as all the others: two minutes)|command -v az"
)

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$0: $*"
  exit 1
}

has_library() { ldconfig -p | grep -qF "$1"; }

# Namespaces and firewalls are root's; a user with sudo is asked for the password once.
become_root() {
  # Debian keeps nft, sshd and ldconfig where a plain user's PATH does not look.
  export PATH="$PATH:/usr/sbin:/sbin"
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || die "needs root for network namespaces and firewalls: run it as root, or install sudo"
  say "Network namespaces and firewalls need root: going on with sudo."
  exec sudo env PATH="$PATH" ${CI:+CI="$CI"} "$(readlink -f "$0")" "$@"
}

# Fills `missing` with the lines of the given needs that this machine does not meet.
find_missing() {
  missing=()
  local need check
  for need in "$@"; do
    check=${need##*|}
    (eval "$check") >/dev/null 2>&1 || missing+=("$need")
  done
}

install_missing() {
  find_missing "$@"
  [ "${#missing[@]}" -eq 0 ] && return
  local packages=() need package why
  say "Installing with apt-get:"
  for need in "${missing[@]}"; do
    IFS='|' read -r package why _ <<<"$need"
    packages+=("$package")
    say "  $package: $why"
  done
  command -v apt-get >/dev/null || die "there is no apt-get here; install what is listed above by hand and run this again"
  install_quietly "${packages[@]}"
  find_missing "$@"
  [ "${#missing[@]}" -eq 0 ] || die "still missing after the installation: ${missing[*]%%|*}"
}

# Debian starts and enables the services of what it installs, and makes a database cluster. None of that is wanted here.
install_quietly() {
  say "  No service is started or enabled by this, and no database cluster is made. It takes about a minute."
  hold_services
  trap release_services EXIT
  {
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
  } </dev/null >&2 || die "apt-get could not install: $*; its reason is above"
  case " $* " in *" openssh-server "*) disable_service ssh ;; esac
  case " $* " in *" postgresql "*) disable_service postgresql ;; esac
  case " $* " in *" ufw "*) disable_service ufw ;; esac
  case " $* " in *" firewalld "*) disable_service firewalld ;; esac
  release_services
  trap - EXIT
}

hold_services() {
  held=()
  put_if_absent /usr/sbin/policy-rc.d $'#!/bin/sh\nexit 101\n' 755
  put_if_absent /etc/postgresql-common/createcluster.d/sallyport.conf $'create_main_cluster = false\n' 644
}

# Somebody's own policy stays as it is, and is obeyed.
put_if_absent() {
  [ -e "$1" ] && return
  mkdir -p "$(dirname "$1")"
  printf '%s' "$2" >"$1"
  chmod "$3" "$1"
  held+=("$1")
}

release_services() {
  [ "${#held[@]}" -eq 0 ] || rm -f "${held[@]}"
  held=()
}

disable_service() {
  if command -v systemctl >/dev/null; then
    systemctl --quiet disable "$1.service" >&2 || say "  $1.service could not be disabled; look at: systemctl status $1"
  else
    update-rc.d "$1" disable >&2 || true
  fi
}

# The clone may be a user's while this runs as root: what npm and the build write stays that user's.
as_owner() {
  local owner
  owner=$(stat -c %U "$root")
  if [ "$(id -un)" = "$owner" ] || ! getent passwd "$owner" >/dev/null; then
    "$@"
  else
    runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
  fi
}

give_back() {
  local path
  for path in node_modules dist; do
    [ ! -e "$path" ] || chown -R --no-dereference --reference="$root" "$path"
  done
}

pinned_node() { sed -n 's/^ *"node": "\([0-9.]*\)".*/\1/p' package.json; }

# npm writes node_modules/.package-lock.json last, so it is missing or older when an installation is due or was cut off.
install_packages() {
  local wanted found
  wanted=v$(pinned_node)
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say "Installing the npm packages of package-lock.json into node_modules (npm ci)."
    as_owner npm ci --include=dev --ignore-scripts=false --engine-strict=false --no-audit --no-fund --loglevel=error \
      </dev/null >&2 || die "npm ci failed; its reason is above"
  fi
  found=$(node_modules/.bin/node --version 2>&1) || found="nothing that runs"
  [ "$found" = "$wanted" ] ||
    die "node_modules/.bin/node should be Node.js $wanted and is: $found; remove node_modules and run this again"
  export PATH="$root/node_modules/.bin:$PATH"
}

build() {
  say "Building dist/sallyport.js."
  as_owner "$root/node_modules/.bin/node" script/build.ts >&2
}
