#!/usr/bin/env bash
# Compiles the engine (srcnn without codecs, files and threads) for wasm32-unknown-unknown.
#
# Takes rustup's target where that can be added; else Debian's packages rustc-web and rust-web-src, with the standard library built
# from its source. Says so, and exits with 77, where neither is to be had.
set -euo pipefail
cd "$(dirname "$0")/.."
target=wasm32-unknown-unknown
build=(cargo check --locked -p srcnn --no-default-features --features srcnn-915 --target "$target" --target-dir target/wasm)
if rustup target add "$target" > /dev/null 2>&1; then
    exec "${build[@]}"
fi
if ! dpkg -s rustc-web rust-web-src > /dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    { apt-get update && apt-get install -y --no-install-recommends rustc-web rust-web-src; } > /dev/null 2>&1 || true
fi
rustc=$(dpkg -L rustc-web 2> /dev/null | grep -m1 'bin/rustc$' || true)
if [ -z "$rustc" ]; then
    echo "== no target $target: install it by rustup, or Debian's rustc-web and rust-web-src" >&2
    exit 77
fi
RUSTC=$rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-C target-feature=+simd128" exec "${build[@]}" -Zbuild-std=std,panic_abort
