#!/bin/sh
# Writes all fixtures (into the folder given with --out; unless told, into tests/fixtures of the crate that they test).
#   python3 -m venv VENV && VENV/bin/pip install -r tools/oracles/requirements.txt
#   PYTHON=VENV/bin/python tools/oracles/make_all.sh
# With SRCNN_REFERENCE_DATA set, the scripts also check their rules against the reference data.
set -eu
here=$(dirname "$0")
python=${PYTHON:-python3}
export OPENCV_IPP=disabled PYTHONDONTWRITEBYTECODE=1

"$python" "$here/opencv_arithmetic.py"
"$python" "$here/pillow_arithmetic.py"
for subject in pictures resample matlab color metrics engine graphs families weights pytorch onnx ncnn procedures training lasso; do
    echo "== $subject"
    "$python" "$here/make_$subject.py" "$@"
done
for subject in jpegs tiff traits; do
    echo "== $subject"
    "$python" "$here/make_$subject.py"
done
if [ -n "${KERAS_PYTHON:-}" ]; then
    "$KERAS_PYTHON" "$here/make_keras.py" "$@"
else
    echo "KERAS_PYTHON is unset: Keras 3 is left out (make_keras.py)"
fi
