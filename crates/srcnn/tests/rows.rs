//! From file to file in bands of rows: the same bytes as with the picture in one piece.

mod fixtures;

use std::io::Cursor;

use srcnn::codec::{self, EncodeError, EncodeOptions, FileFormat, decode, encode, encode_rows};
use srcnn::progress::Silent;
use srcnn::rows::{Rows, Shape};
use srcnn::upscale::UpscaleError;
use srcnn::{Image, Limits, Model, Upscaler};

const FORMATS: [FileFormat; 4] = [FileFormat::Png, FileFormat::Jpeg, FileFormat::Tiff, FileFormat::WebP];

/// The fewest bytes with which a picture of this shape is upscaled, beside the picture.
fn least(upscaler: &Upscaler, image: &Image) -> u64 {
    let held = Shape::of(image).bytes();
    let with = |memory| {
        let limits = Limits { memory: held + memory, ..Limits::default() };
        upscaler.rows(srcnn::rows::Held::from(image), limits, &Silent).map(|_| ())
    };
    let mut least = 0;
    while let Err(error) = with(least) {
        let UpscaleError::Memory { needed, .. } = error else { panic!("{error}") };
        least = needed;
    }
    least
}

#[test]
fn every_kind_of_file_gives_the_same_in_bands() {
    let upscaler = Upscaler::builder(&Model::builtin("srcnn-915", 2).expect("built in")).build().expect("luma");
    let options = EncodeOptions::default();
    let (mut files, mut bands) = (0, 0);
    let all = ["traits", "pictures", "jpeg"].into_iter().flat_map(fixtures::files);
    for (name, bytes) in all {
        let Ok(image) = decode(&bytes, Limits::default()) else { continue };
        if image.height() < 9 {
            continue;
        }
        let whole = upscaler.run(&image).expect("possible");
        for format in FORMATS {
            let rows = codec::open(Cursor::new(&bytes), Limits::default()).expect("as before");
            assert_eq!((rows.shape(), rows.metadata()), (Shape::of(&image), &image.metadata), "{name}");
            let held = rows.held_bytes();
            let limits = Limits { memory: held + least(&upscaler, &image), ..Limits::default() };
            let result = upscaler.rows(rows, limits, &Silent).expect("just enough");
            let mut file = Cursor::new(Vec::new());
            let encoded = encode_rows(result, format, &options, &mut file);
            match (encoded, encode(&whole, format, &options)) {
                (Ok(_), Ok(whole)) => assert!(file.into_inner() == whole, "{name} as {format:?}"),
                (Err(EncodeError::Alpha), Err(EncodeError::Alpha)) => continue,
                other => panic!("{name} as {format:?}: {other:?}"),
            }
            files += 1;
            // Of 16 rows, the fewest.
            bands += (2 * image.height()).div_ceil(16);
        }
    }
    assert!(files > 200 && bands > 2 * files, "{files} files, {bands} bands");
}
