#!/usr/bin/env bash
# Packages every crate as it would be published and builds each package by itself.
#
# Cargo takes what it unpacked or built of a version for unchanged, and the version here stays the same while the
# sources change. So a folder of its own each time, which also gives the packages a registry of their own name.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p target
folder=$(mktemp -d "$PWD/target/packages.XXXXXX")
unpacked="${CARGO_HOME:-$HOME/.cargo}/registry/src"
remove() {
    # Sources of a registry that is a folder are unpacked under a name without a host.
    find "$unpacked" -maxdepth 1 -name '-*' -newer "$folder/started" -exec rm -r {} + 2> /dev/null || true
    rm -r "$folder"
}
trap remove EXIT
touch "$folder/started"
cargo package --locked --workspace --exclude srcnn-fixtures --allow-dirty --target-dir "$folder"
