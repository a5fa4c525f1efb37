//! The real weight files cut at many lengths: an error each time, never a panic.

mod fixtures;

use fixtures::reference_data;
use srcnn::weights::WeightFile;

#[test]
fn a_truncated_real_file_is_refused() {
    let Some(data) = reference_data("a_truncated_real_file_is_refused") else { return };
    // The Keras project's file keeps its structure in front and its numbers behind: every length of the small files,
    // every 61st of the large ones.
    let files = [
        ("matlab-authors/9-1-5(91 images)/x3.mat", 7),
        ("keras-theano/srcnn_model_weights.h5", 1),
        ("keras-markprecursor/3051crop_weight_200.h5", 61),
        ("keras-rgb/SRCNN-955.h5", 61),
        ("matlab-authors/9-5-5(ImageNet)/x3.mat", 499),
    ];
    for (name, step) in files {
        let whole = std::fs::read(data.join("weights").join(name)).expect("a reference file");
        assert!(WeightFile::parse(&whole).is_ok(), "{name}");
        for length in (0..whole.len()).step_by(step) {
            let result = WeightFile::parse(&whole[..length]);
            assert!(result.is_err(), "{name} cut to {length} bytes was accepted");
        }
    }
}
