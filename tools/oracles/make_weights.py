"""Writes weights/: one small network in the file formats of other programs, and the truth as .safetensors.

Made with h5py 3.16.0 (Keras layouts), scipy 1.17.1 (the authors' .mat) and safetensors 0.8.0. weight_files.py describes
the layouts. The network has random weights without any symmetry, so that no slip in an axis can hide.

    grey-5-3-3.safetensors      the truth: layer1.weight (output, input, row, column), layer1.bias, ..., correlation
    grey-5-3-3-keras1-tf.h5, grey-5-3-3-keras1-theano.h5, grey-5-3-3-keras2.h5, grey-5-3-3-authors.mat (compressed),
    grey-5-3-3-authors-plain.mat (not compressed)
    rgb-3-1-3.safetensors, rgb-3-1-3-keras2.h5

With SRCNN_REFERENCE_DATA set to the folder of the reference data (no part of the project), the same readers are first
run on the real files there, and the networks read must score what golden/*.json and the published tables say.
"""

import numpy as np
import network
import reference_checks
import weight_files
from fixture_files import out_folder, reference_data, write_safetensors


def main():
    out = out_folder(__doc__) / "weights"
    data = reference_data()
    if data is not None:
        reference_checks.check_weights(data)

    grey = network.random_layers(20150112, 1, ((5, 4), (3, 3), (3, 1)))
    rgb = network.random_layers(20150113, 3, ((3, 4), (1, 3), (3, 3)))
    for name, layers in (("grey-5-3-3", grey), ("rgb-3-1-3", rgb)):
        for weight, _ in layers:
            if weight.shape[-1] > 1:
                for other in (weight[..., ::-1], weight[..., ::-1, :], weight[..., ::-1, ::-1], weight.swapaxes(2, 3)):
                    assert not np.array_equal(weight, other)
        write_safetensors(out / f"{name}.safetensors", network.tensors(layers))

    weight_files.write_keras1(out / "grey-5-3-3-keras1-tf.h5", grey)
    weight_files.write_keras1(out / "grey-5-3-3-keras1-theano.h5", grey, theano=True)
    weight_files.write_keras2(out / "grey-5-3-3-keras2.h5", grey)
    weight_files.write_keras2(out / "rgb-3-1-3-keras2.h5", rgb)
    weight_files.write_authors(out / "grey-5-3-3-authors.mat", grey, compress=True)
    weight_files.write_authors(out / "grey-5-3-3-authors-plain.mat", grey, compress=False)

    for path in sorted(out.iterdir()):
        if path.suffix != ".safetensors":
            read = weight_files.read_authors if path.suffix == ".mat" else weight_files.read_keras
            for ours, truth in zip(read(path), rgb if path.name.startswith("rgb") else grey, strict=True):
                assert all(np.array_equal(a, b) for a, b in zip(ours, truth, strict=True)), path.name


if __name__ == "__main__":
    main()
