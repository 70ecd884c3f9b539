#!/usr/bin/env bash
# Builds .venv from requirements.lock with the CPU build of torch, and installs nascast into it.
# Does nothing when .venv is up to date: the stamp files, written last, say what it was built from,
# so an interrupted build is recognised and made anew.
#
#   PYTHON           the interpreter to build .venv with (default: the first suitable one)
#   TORCH_CPU_INDEX  where the CPU builds of torch are published
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

venv=$root/.venv
log=$venv/install.log
lock_stamp=$venv/.lock-stamp
project_stamp=$venv/.project-stamp
needed_mb=3000
index=${TORCH_CPU_INDEX:-https://download.pytorch.org/whl/cpu}

# What the caller's shell or pip settings must not leak into the environment.
PATH=":$PATH:"
PATH=${PATH//":$venv/bin:"/:}
PATH=${PATH#:}
PATH=${PATH%:}
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONNOUSERSITE=1

say() { printf '%s\n' "$1"; }

fail() {
  printf 'nascast: %s\n' "$1" >&2
  exit 1
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

supported() { [[ $1 == 3.11 || $1 == 3.12 || $1 == 3.13 ]]; }

# Sets `python` to the first suitable interpreter, or says what stands in the way.
find_python() {
  local name version unsuitable='' without_venv=''
  local candidates=(python3 python3.13 python3.12 python3.11)
  if [[ ${PYTHON:-} ]]; then candidates=("$PYTHON"); fi
  for name in "${candidates[@]}"; do
    version=$(version_of "$name") || continue
    if ! supported "$version"; then
      unsuitable+="${unsuitable:+, }$name is $version"
    elif ! "$name" -c 'import ensurepip, venv' 2>/dev/null; then
      without_venv=${without_venv:-$name $version}
    else
      python=$name
      return
    fi
  done
  if [[ $without_venv ]]; then
    fail "${without_venv% *} cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python${without_venv#* }-venv), or name another interpreter with PYTHON=..."
  elif [[ $unsuitable ]]; then
    fail "Python 3.11, 3.12 or 3.13 is needed, but $unsuitable: install one, or name it with PYTHON=/path/to/python3.12"
  elif [[ ${PYTHON:-} ]]; then
    fail "PYTHON=$PYTHON does not run: name a Python 3.11, 3.12 or 3.13"
  fi
  fail "no Python was found: install Python 3.11, 3.12 or 3.13, or name it with PYTHON=/path/to/python3.12"
}

check_disk() {
  local free_mb
  free_mb=$(($(df -Pk "$root" | awk 'NR == 2 {print $4}') / 1024))
  if ((free_mb < needed_mb)); then
    fail "only $free_mb MB of disk are free at $root, and the environment needs $needed_mb MB: free some space, or move the project to a larger disk"
  fi
}

# Turns pip's output into a few progress lines; all of it goes to the log.
show_progress() {
  local total=$1 count=0 line
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    case $line in
      Collecting* | Processing*)
        count=$((count + 1))
        if ((count % 25 == 0)); then say "  $count of $total fetched"; fi
        ;;
      'Installing collected'*) if ((total > 1)); then say "  unpacking"; fi ;;
    esac
  done
}

pip_install() {
  local total=$1
  shift
  # Downloads are kept on the disk that was checked; Python compiles modules when they are used,
  # most of them never are.
  if ! TMPDIR=$venv/tmp "$venv/bin/python" -m pip install --no-compile "$@" 2>&1 | show_progress "$total"; then
    if grep -qi 'no space left\|disk quota exceeded' "$log"; then
      fail "the disk filled up while packages were installed: free $needed_mb MB at $root and try again"
    fi
    grep '^ERROR' "$log" | tail -n 3 >&2 || true
    fail "packages could not be installed (all of pip's output: $log): check the network and try again"
  fi
}

torch_index_answers() {
  timeout 5 "$venv/bin/python" -c '
import os, sys
from pip._vendor import requests
verify = os.environ.get("PIP_CERT") or True
requests.get(sys.argv[1] + "/torch/", timeout=4, verify=verify).raise_for_status()
' "$index" >>"$log" 2>&1
}

# The CPU builds carry the local version +cpu, which pip prefers to the plain one of the same number.
install_torch() {
  local requirement source=()
  requirement=$(grep -E '^torch==' requirements.lock)
  if torch_index_answers; then
    source=(--extra-index-url "$index")
  else
    say "  $index does not answer; trying the usual package index"
  fi
  pip_install 1 --no-deps "${source[@]}" "$requirement"
}

# Reads the build off the installed files: torch itself starts only with the rest of the lock.
check_torch() {
  local gpu_parts
  gpu_parts=$("$venv/bin/python" -c '
import runpy, sysconfig
from importlib.metadata import distributions
names = {d.metadata["Name"].lower() for d in distributions()}
found = sorted(n for n in names if n.startswith("nvidia-") or n == "triton")
cuda = runpy.run_path(sysconfig.get_path("purelib") + "/torch/version.py")["cuda"]
if cuda is not None:
    found.insert(0, "torch for CUDA " + cuda)
print(", ".join(found))
' 2>>"$log") || fail "the installed torch cannot be read (see $log): run the same command again"
  if [[ $gpu_parts ]]; then
    fail "not the CPU build of torch was installed, but $gpu_parts: make $index reachable, or name a copy of it with TORCH_CPU_INDEX=..."
  fi
}

install_packages() {
  local version total started=$SECONDS
  find_python
  # A stale environment goes first: its space counts as free.
  rm -rf "$venv"
  check_disk
  version=$(version_of "$python")
  total=$(grep -c '^[^#]*==' requirements.lock)
  say "Making .venv with Python $version ($(command -v "$python"))"
  "$python" -m venv "$venv" >/dev/null || fail "$python could not make $venv"
  mkdir "$venv/tmp"
  : >"$log"
  say "Installing torch, CPU build"
  install_torch
  check_torch
  say "Installing $total packages from requirements.lock"
  # setuptools first: the one package without a wheel is built with the pinned version of it.
  pip_install 1 --no-deps "$(grep -E '^setuptools==' requirements.lock)"
  pip_install "$total" --no-deps --no-build-isolation --use-pep517 -r requirements.lock
  "$venv/bin/python" -c 'import torch' 2>>"$log" || fail "the installed torch does not start (see $log)"
  rm -rf "$venv/tmp"
  say "  done in $((SECONDS - started)) s"
}

install_project() {
  rm -f "$project_stamp"
  mkdir -p "$venv/tmp"
  pip_install 1 --no-deps --no-build-isolation -e .
  rm -rf "$venv/tmp"
}

fingerprint() {
  {
    printf '%s\n' "$root"
    cat "$@"
  } | sha256sum | cut -d' ' -f1
}

built_from() { [[ -f $1 && $(<"$1") == "$2" && -x $venv/bin/python ]]; }

other_python_wanted() {
  [[ ${PYTHON:-} && -x $venv/bin/python ]] || return 1
  [[ $(version_of "$PYTHON") != "$(version_of "$venv/bin/python")" ]]
}

# One build at a time, also when two targets start together.
exec 9<requirements.lock
if command -v flock >/dev/null && ! flock --nonblock 9; then
  say "Another build of .venv is running; waiting for it"
  flock 9
fi

lock_key=$(fingerprint requirements.lock envs/bootstrap.sh)
project_key=$(fingerprint pyproject.toml)
if ! built_from "$lock_stamp" "$lock_key" || other_python_wanted; then
  install_packages
  printf '%s\n' "$lock_key" >"$lock_stamp"
fi
if ! built_from "$project_stamp" "$project_key"; then
  install_project
  printf '%s\n' "$project_key" >"$project_stamp"
fi
