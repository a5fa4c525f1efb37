#!/bin/sh
# Writes all fixtures (into the folder given with --out, crates/srcnn/tests/fixtures unless told).
#   python3 -m venv VENV && VENV/bin/pip install -r tools/oracles/requirements.txt
#   PYTHON=VENV/bin/python tools/oracles/make_all.sh
# With SRCNN_REFERENCE_DATA set, the scripts also check their rules against the reference data.
# PyTorch's CPU wheel is enough: add --extra-index-url https://download.pytorch.org/whl/cpu to spare the GPU's libraries.
set -eu
here=$(dirname "$0")
python=${PYTHON:-python3}
export OPENCV_IPP=disabled PYTHONDONTWRITEBYTECODE=1

"$python" "$here/opencv_arithmetic.py"
"$python" "$here/pillow_arithmetic.py"
for subject in pictures resample matlab color metrics engine weights; do
    echo "== $subject"
    "$python" "$here/make_$subject.py" "$@"
done
