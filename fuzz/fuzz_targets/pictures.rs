//! Any bytes as a picture: refused, or read, as a whole and in rows, and then written in a format, as a whole and in rows, and
//! read again.

#![no_main]

use std::io::Cursor;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use srcnn::codec::animation::Animation;
use srcnn::codec::{DecodeError, EncodeOptions, FileFormat, decode, encode, encode_rows, is_limit, open};
use srcnn::image::Metadata;
use srcnn::progress::Silent;
use srcnn::rows::{Rows, RowsError, Shape, collect};
use srcnn::{Image, Limits, Work};

/// As much as a small picture needs: larger ones would only be slow.
const LIMITS: Limits = Limits { memory: 16 << 20, pixels: 1 << 18, work: Work::BySize };
/// Pixels of a picture that is written, too.
const WRITTEN: usize = 1 << 14;

/// Rows that come a few at a time, whatever is asked for.
struct Few<R> {
    rows: R,
    most: usize,
}

impl<R: Rows> Rows for Few<R> {
    fn shape(&self) -> Shape {
        self.rows.shape()
    }

    fn metadata(&self) -> &Metadata {
        self.rows.metadata()
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        self.rows.read(rows.min(self.most))
    }
}

/// The picture of a file, or what is wrong with it. A decoder that panics is caught in use, and only found here if
/// `SRCNN_FUZZ_CAUGHT` is set: what is in other people's decoders must not stop what is looked for in ours.
fn checked<T>(read: Result<T, DecodeError>) -> Result<T, DecodeError> {
    assert!(!(*CAUGHT && matches!(read, Err(DecodeError::Crash))), "a decoder crashed");
    read
}

/// Whether panics that are caught in use are looked for. If not, they must not end the process before they are caught.
static CAUGHT: LazyLock<bool> = LazyLock::new(|| {
    let caught = std::env::var_os("SRCNN_FUZZ_CAUGHT").is_some();
    if !caught {
        std::panic::set_hook(Box::new(|panic| eprintln!("{panic}")));
    }
    caught
});

fn in_rows(bytes: &[u8], most: usize) -> Result<Few<Box<dyn Rows + '_>>, DecodeError> {
    Ok(Few { rows: checked(open(Cursor::new(bytes), LIMITS))?, most })
}

/// Frames of an animation, if it is one.
fn frames(bytes: &[u8]) {
    if let Ok(Some(mut animation)) = checked(Animation::open(Cursor::new(bytes), LIMITS, &Silent)) {
        // Broken ones are found when it is opened.
        while checked(animation.next_frame()).expect("it was looked through").is_some() {}
    }
}

fuzz_target!(|bytes: &[u8]| {
    let _ = *CAUGHT;
    frames(bytes);
    let most = 1 + bytes.len() % 7;
    let whole = checked(decode(bytes, LIMITS));
    let few = in_rows(bytes, most).and_then(|rows| {
        checked(
            collect(rows).map_err(|error| *error.downcast::<DecodeError>().expect("decoders give their own errors")),
        )
    });
    let image = match (whole, few) {
        (Ok(whole), Ok(few)) => {
            assert!(whole == few, "rows are not as the whole");
            whole
        }
        (Err(_), Err(_)) => return,
        // What is held may be refused where rows are not.
        (Err(error), Ok(_)) if is_limit(&error) => return,
        (whole, few) => panic!("as a whole: {:?}, in rows: {:?}", whole.map(drop), few.map(drop)),
    };
    if image.width() * image.height() > WRITTEN {
        return;
    }
    // One format an input: all of them would take most of the time.
    let (_, format) = FileFormat::EXTENSIONS[bytes.len() / 7 % FileFormat::EXTENSIONS.len()];
    let options = EncodeOptions::default();
    let whole = encode(&image, format, &options);
    let mut few = Cursor::new(Vec::new());
    let rows = in_rows(bytes, most).expect("it was read before");
    match (whole, encode_rows(rows, format, &options, &mut few)) {
        (Ok(whole), Ok(_)) => {
            assert!(whole == few.into_inner(), "{format:?}: rows are not written as the whole");
            // Limits count what goes along, too.
            let again = checked(decode(&whole, Limits::default()));
            let again = again.unwrap_or_else(|error| panic!("{format:?}: what was written cannot be read: {error}"));
            let keeps = matches!(format, FileFormat::Png | FileFormat::Tiff | FileFormat::Pam);
            let depth = format.nearest(image.depth());
            let image = image.with_depth(depth);
            assert!(!keeps || again.samples() == image.samples(), "{format:?}: not as it was");
        }
        (Err(_), Err(_)) => {}
        (whole, few) => panic!("{format:?}: as a whole: {:?}, in rows: {few:?}", whole.map(drop)),
    }
});
