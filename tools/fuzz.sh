#!/usr/bin/env bash
# Fuzzes a target for some seconds, with AddressSanitizer: tools/fuzz.sh weights|pictures|animations|baselines SECONDS
#
# With SRCNN_FUZZ_CAUGHT=1, panics within decoders, which are caught in use, are findings too.
# Begins with the fixtures of the tests, keeps what it finds in fuzz/corpus/TARGET and crashes in fuzz/artifacts. Needs a
# nightly toolchain and a C++ compiler; cargo-fuzz does the same by `cargo +nightly fuzz run TARGET`.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?weights, pictures, animations or baselines}
seconds=${2:?seconds}
corpus=fuzz/corpus/$target
seeds=$corpus-seeds
mkdir -p "$corpus" "$seeds" fuzz/artifacts
case $target in
weights) find crates/srcnn-fixtures/weights crates/srcnn-fixtures/families crates/srcnn-models/models -type f -size -100k -exec cp {} "$seeds" \; ;;
pictures) find crates/srcnn-fixtures/traits crates/srcnn-fixtures/pictures crates/srcnn-fixtures/jpeg -type f -size -20k -exec cp {} "$seeds" \; ;;
animations) find crates/srcnn-fixtures/traits crates/srcnn-fixtures/pictures -type f -size -20k \
    \( -name '*.gif' -o -name '*.png' -o -name '*.webp' \) -exec cp {} "$seeds" \; ;;
baselines) tools/fuzz_seeds.py "$seeds" ;;
*) echo "$target: there are weights, pictures, animations and baselines" >&2 && exit 2 ;;
esac
export RUSTFLAGS="-Zsanitizer=address -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Ccodegen-units=1"
export LSAN_OPTIONS="suppressions=$PWD/fuzz/leaks.txt:print_suppressions=0"
cargo +nightly build --release --locked --manifest-path fuzz/Cargo.toml --target x86_64-unknown-linux-gnu --bin "$target"
exec "fuzz/target/x86_64-unknown-linux-gnu/release/$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 \
    -max_len=65536 -artifact_prefix=fuzz/artifacts/ "$corpus" "$seeds"
