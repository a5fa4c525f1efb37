//! Files of other programs that are not quite as their formats say, and whose every sample is there.

use srcnn_codec::{DecodeError, EncodeOptions, FileFormat, Subsampling, decode, encode};
use srcnn_fixtures::png_chunk;
use srcnn_image::image::{Change, Image, Pixels, Samples};
use srcnn_image::{Limits, image};

fn picture() -> Image {
    let samples = (0..24 * 17 * 3).map(|i| (i * 7 % 251) as u8).collect();
    Image::from_u8(Pixels::new(24, 17, 3, samples).expect("filled")).expect("RGB")
}

fn written(format: FileFormat, options: &EncodeOptions) -> Vec<u8> {
    encode(&picture(), format, options).expect("it fits")
}

fn read(bytes: &[u8]) -> Result<Image, DecodeError> {
    decode(bytes, Limits::default())
}

/// Asserts that a file is the same picture as another, with a note.
fn assert_noted(odd: &[u8], whole: &[u8], note: Change, case: &str) {
    let [odd, whole] = [odd, whole].map(|bytes| read(bytes).unwrap_or_else(|e| panic!("{case}: {e}")));
    assert!(odd.samples() == whole.samples(), "{case}");
    assert_eq!(odd.metadata.changes, [note], "{case}");
    assert_eq!(whole.metadata.changes, [], "{case}");
}

#[test]
fn png_without_its_last_chunk_or_with_a_damaged_one_is_read() {
    let whole = written(FileFormat::Png, &EncodeOptions::default());
    let end = whole.len() - 12;
    for cut in end..whole.len() {
        assert_noted(&whole[..cut], &whole, Change::EndMissing, &format!("cut to {cut} of {}", whole.len()));
    }
    let mut damaged = whole.clone();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert_noted(&damaged, &whole, Change::EndMissing, "checksum");
    let longer = [&whole[..end], &[0, 0, 0, 4][..], b"IEND", &[0; 8]].concat();
    assert_noted(&longer, &whole, Change::EndMissing, "length");
}

/// As Pillow 13 has it, but for cuts within the compressed data, where it takes what libpng (and OpenCV) refuses.
#[test]
fn png_cut_behind_its_samples_is_read_and_cut_within_them_refused() {
    let whole = written(FileFormat::Png, &EncodeOptions::default());
    let end = whole.len() - 12;
    // One chunk with all compressed data, as many programs write it.
    let (mut at, mut data) = (8, Vec::new());
    while at < end {
        let length = u32::from_be_bytes([whole[at], whole[at + 1], whole[at + 2], whole[at + 3]]) as usize;
        if &whole[at + 4..at + 8] == b"IDAT" {
            data.extend(&whole[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    let single = [&whole[..33], &png_chunk(b"IDAT", &data), &whole[end..]].concat();
    // Ours has the end of the compressed data in a chunk of its own, of 21 bytes; the one before may lack its checksum.
    for (file, behind) in [(&whole, 4 + 21 + 12), (&single, 4 + 12)] {
        for cut in 1..=file.len() {
            let (case, short) = (format!("{cut} bytes fewer than {}", file.len()), &file[..file.len() - cut]);
            match cut <= behind {
                true => assert_noted(short, &whole, Change::EndMissing, &case),
                false if short.len() < 8 => assert!(read(short).is_err(), "{case}"),
                false => assert!(matches!(read(short), Err(DecodeError::Truncated)), "{case}"),
            }
        }
    }
    // What is there of the last chunk is damaged: the checksum of zlib tells.
    let mut damaged = single[..single.len() - 16].to_vec();
    *damaged.last_mut().expect("not empty") ^= 1;
    assert!(read(&damaged).is_err(), "a damaged checksum");
}

#[test]
fn ancillary_chunks_that_are_odd_do_not_cost_the_picture() {
    let whole = written(FileFormat::Png, &EncodeOptions::default());
    // Behind the header, which has 25 bytes.
    let with = |kind: &[u8; 4], data: &[u8]| [&whole[..33], &png_chunk(kind, data), &whole[33..]].concat();
    for (kind, data) in [
        (b"cICP", &[9, 16, 1, 1][..]),
        (b"cICP", &[9, 16, 0, 7]),
        (b"cICP", &[9, 16, 0]),
        (b"cICP", &[9, 16, 0, 1, 0]),
        (b"gAMA", &[0, 0, 0, 0]),
        (b"gAMA", &[1, 2]),
        (b"cHRM", &[0; 31]),
        (b"sRGB", &[9]),
        (b"sRGB", &[]),
    ] {
        assert_noted(&with(kind, data), &whole, Change::OddMetadata, &format!("{kind:?} of {data:?}"));
        assert!(read(&with(kind, data)).expect("it was read").metadata.color_chunks.is_empty());
    }
    for (kind, length) in
        [(b"mDCV", 25), (b"cLLI", 9), (b"bKGD", 1), (b"pHYs", 3), (b"sBIT", 9), (b"tIME", 2), (b"hIST", 3)]
    {
        let odd = read(&with(kind, &vec![0; length])).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert!(odd.samples() == picture().samples(), "{kind:?}");
    }
    let sound = read(&with(b"cICP", &[9, 16, 0, 1])).expect("it is sound");
    assert_eq!(sound.metadata.color_chunks, [(*b"cICP", vec![9, 16, 0, 1])], "a sound one is kept");
}

#[test]
fn jpeg_without_an_end_mark_is_read() {
    let options = EncodeOptions::default();
    let progressive = EncodeOptions { progressive: true, subsampling: Subsampling::S420, ..options };
    for (name, options) in [("sequential", options), ("progressive", progressive)] {
        let whole = written(FileFormat::Jpeg, &options);
        let end = whole.len() - 2;
        for cut in [end, end + 1] {
            assert_noted(&whole[..cut], &whole, Change::EndMissing, &format!("{name} cut to {cut}"));
        }
        assert!((0..end - 1).all(|cut| read(&whole[..cut]).is_err()), "{name}: within the pixels");
        let behind = read(&[&whole[..], b"something that a camera puts there"].concat()).expect("it is whole");
        assert_eq!(behind.metadata.changes, [], "{name}");
    }
}

#[test]
fn gif_without_its_marks_or_a_screen_is_read() {
    let whole = written(FileFormat::Gif, &EncodeOptions::default());
    for missing in [1, 2] {
        let cut = &whole[..whole.len() - missing];
        assert_noted(cut, &whole, Change::EndMissing, &format!("{missing} bytes fewer"));
    }
    assert!((0..whole.len() - 5).all(|cut| read(&whole[..cut]).is_err()), "within the pixels");
    // Of an animation nothing tells how many frames there were, whether some are there, or one.
    let looping = [&b"!\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0"[..]].concat();
    // Behind the header, the screen and the colors.
    let colors = 13 + if whole[10] & 0x80 == 0 { 0 } else { 3 << ((whole[10] & 7) + 1) };
    let one = [&whole[..colors], &looping, &whole[colors..]].concat();
    assert_eq!(read(&one).expect("it is whole").metadata.changes, []);
    for missing in [1, 2] {
        assert_noted(&one[..one.len() - missing], &whole, Change::LastFramesMissing, "the first of an animation");
    }
    let mut no_screen = whole.clone();
    no_screen[6..10].fill(0);
    let image = read(&no_screen).expect("it has a picture");
    assert!(image.samples() == read(&whole).expect("ours").samples());
}

/// A bitmap of indices: width, height, bits, compression and what there is of pixels.
fn bitmap(header: u32, (width, height): (u32, u32), (bits, compression): (u16, u32), pixels: &[u8]) -> Vec<u8> {
    let palette: Vec<u8> = (0..1 << bits).flat_map(|i: u32| [i as u8, 2 * i as u8, 255 - i as u8, 0]).collect();
    let begin = 14 + header + palette.len() as u32;
    let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
    file.extend(begin.to_le_bytes());
    let mut fields = [header, width, height, 1 | u32::from(bits) << 16, compression].map(u32::to_le_bytes).concat();
    fields.resize(header as usize, 0);
    [file, fields, palette, pixels.to_vec()].concat()
}

/// The colors of indices, the top row first.
fn colors(indices: &[u8]) -> Vec<u8> {
    indices.iter().flat_map(|i| [255 - i, i.wrapping_mul(2), *i]).collect()
}

fn samples(image: &image::Image) -> &[u8] {
    let Samples::U8(pixels) = image.samples() else { panic!("8 bits") };
    pixels.as_slice()
}

#[test]
fn runs_that_pass_over_pixels_or_are_too_long_are_read() {
    /// What it is, bits and compression, the runs, and the indices that they are.
    type Case = (&'static str, (u16, u32), &'static [u8], [u8; 8]);
    let cases: [Case; 7] = [
        ("runs of 8 bits", (8, 1), &[4, 7, 0, 0, 2, 8, 2, 9, 0, 1], [8, 8, 9, 9, 7, 7, 7, 7]),
        ("a run beyond its row", (8, 1), &[9, 7, 0, 0, 4, 8, 0, 1], [8, 8, 8, 8, 7, 7, 7, 7]),
        ("rows that end early", (8, 1), &[1, 7, 0, 0, 1, 8, 0, 1], [8, 0, 0, 0, 7, 0, 0, 0]),
        ("pixels passed over", (8, 1), &[1, 7, 0, 2, 1, 1, 1, 8, 0, 1], [0, 0, 8, 0, 7, 0, 0, 0]),
        (
            "pixels as they are, beyond their row",
            (8, 1),
            &[0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 4, 8, 0, 1],
            [8, 8, 8, 8, 1, 2, 3, 4],
        ),
        ("no mark at the end", (8, 1), &[4, 7, 0, 0, 4, 8], [8, 8, 8, 8, 7, 7, 7, 7]),
        ("runs of 4 bits", (4, 2), &[9, 0x12, 0, 0, 0, 3, 0x34, 0x50, 1, 0x60, 0, 1], [3, 4, 5, 6, 1, 2, 1, 2]),
    ];
    for (name, kind, runs, wanted) in cases {
        let image = read(&bitmap(40, (4, 2), kind, runs)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(samples(&image), colors(&wanted), "{name}");
    }
    let cut = bitmap(40, (4, 2), (8, 1), &[4, 7, 0, 0, 2, 8]);
    assert!(matches!(read(&cut), Err(DecodeError::Truncated)), "the pixels end early");
}

#[test]
fn bitmaps_of_os2_are_read() {
    // Rows of four bytes, the lowest first.
    let pixels = [1, 2, 3, 4, 5, 6, 7, 8];
    for header in [40, 64] {
        let image = read(&bitmap(header, (4, 2), (8, 0), &pixels)).unwrap_or_else(|e| panic!("{header}: {e}"));
        assert_eq!(samples(&image), colors(&[5, 6, 7, 8, 1, 2, 3, 4]), "{header}");
        let runs = read(&bitmap(header, (4, 2), (8, 1), &[4, 7, 0, 0, 4, 8, 0, 1])).expect("it is sound");
        assert_eq!(samples(&runs), colors(&[8, 8, 8, 8, 7, 7, 7, 7]), "{header}");
    }
    // The short header has neither compression nor colors: all of them.
    let mut short = bitmap(40, (4, 2), (8, 0), &pixels);
    short.drain(30..54);
    short[10..18].copy_from_slice(&[(14 + 16 + 1024_u32).to_le_bytes(), 16_u32.to_le_bytes()].concat());
    assert_eq!(samples(&read(&short).expect("it is sound")), colors(&[5, 6, 7, 8, 1, 2, 3, 4]));
    for (bits, compression, name) in [(1, 3, "Huffman"), (24, 4, "RLE24")] {
        let mut file = bitmap(64, (4, 2), (1, compression), &pixels);
        file[28] = bits;
        let error = read(&file).expect_err("not read").to_string();
        assert!(error.contains(name), "{error}");
    }
}
