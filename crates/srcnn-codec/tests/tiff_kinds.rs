//! Kinds of TIFF files that other programs write: bits in reverse order, planes, packed samples, palettes with alpha, strips past the
//! height, and tags that change what samples mean. The files are made here, from samples that are known.

use srcnn_codec::{DecodeError, UnsupportedSamples, decode};
use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Samples};

const WIDTH: usize = 37;
const HEIGHT: usize = 29;
const TILE: usize = 16;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// A file: its samples, which are below `1 << bits`, and how they are stored.
#[derive(Clone)]
struct File {
    samples: usize,
    bits: usize,
    photometric: u32,
    compression: u32,
    reversed: bool,
    planar: bool,
    tiled: bool,
    /// Further entries, which replace others: tag, kind, numbers.
    more: Vec<(u16, u16, Vec<u32>)>,
}

impl File {
    fn new(samples: usize, bits: usize) -> Self {
        let photometric = if samples < 3 { 1 } else { 2 };
        let (compression, reversed, planar, tiled) = (1, false, false, false);
        Self { samples, bits, photometric, compression, reversed, planar, tiled, more: Vec::new() }
    }

    fn with(mut self, tag: u16, kind: u16, numbers: &[u32]) -> Self {
        self.more.push((tag, kind, numbers.to_vec()));
        self
    }

    fn sample(&self, x: usize, y: usize, c: usize) -> u32 {
        let v = (x * 3 + y * 5 + c * 40 + x * y / 7) as u32;
        if self.bits > 8 { v.wrapping_mul(911) % (1 << self.bits) } else { v % (1 << self.bits) }
    }

    /// Rows of bytes of a strip or tile, whose samples beyond the picture are zeros.
    fn chunk(&self, (left, top): (usize, usize), (width, height): (usize, usize), channels: &[usize]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for y in top..top + height {
            let mut bits = Vec::new();
            for x in left..left + width {
                for c in channels {
                    let v = if x < WIDTH && y < HEIGHT { self.sample(x, y, *c) } else { 0 };
                    match self.bits {
                        16 => bits.extend((0..16).map(|i| v.swap_bytes() >> 16 >> (15 - i) & 1)),
                        n => bits.extend((0..n).map(|i| v >> (n - 1 - i) & 1)),
                    }
                }
            }
            bits.resize(bits.len().next_multiple_of(8), 0);
            bytes.extend(bits.chunks(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | *bit as u8)));
        }
        bytes
    }

    fn compressed(&self, bytes: &[u8]) -> Vec<u8> {
        match self.compression {
            5 => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(bytes).expect("bytes"),
            // A stored block in zlib's frame.
            8 => {
                let length = bytes.len() as u16;
                let (mut a, mut b) = (1_u32, 0_u32);
                bytes.iter().for_each(|v| (a, b) = ((a + u32::from(*v)) % 65521, (b + a + u32::from(*v)) % 65521));
                let head = [&[0x78, 0x01, 1][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
                [head, bytes.to_vec(), (b << 16 | a).to_be_bytes().to_vec()].concat()
            }
            // PackBits: literals only.
            32773 => bytes.chunks(128).flat_map(|part| [&[part.len() as u8 - 1], part].concat()).collect(),
            _ => bytes.to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let all: Vec<usize> = (0..self.samples).collect();
        let planes: Vec<&[usize]> = if self.planar { all.chunks(1).collect() } else { vec![&all] };
        let mut chunks = Vec::new();
        for channels in planes {
            match self.tiled {
                true => (0..HEIGHT).step_by(TILE).for_each(|y| {
                    let tiles = (0..WIDTH).step_by(TILE).map(|x| self.chunk((x, y), (TILE, TILE), channels));
                    chunks.extend(tiles);
                }),
                false => (0..HEIGHT).step_by(10).for_each(|y| {
                    chunks.push(self.chunk((0, y), (WIDTH, (HEIGHT - y).min(10)), channels));
                }),
            }
        }
        let whole = self.more.iter().any(|(tag, _, rows)| *tag == 278 && rows[0] as usize > HEIGHT);
        if whole {
            chunks = vec![chunks.concat()];
        }
        let mut file = b"II*\0\0\0\0\0".to_vec();
        let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
        for chunk in chunks {
            let mut packed = self.compressed(&chunk);
            if self.reversed {
                packed.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
            }
            offsets.push(file.len() as u32);
            lengths.push(packed.len() as u32);
            file.extend(packed);
        }
        let mut entries = vec![
            (256, LONG, vec![WIDTH as u32]),
            (257, LONG, vec![HEIGHT as u32]),
            (258, SHORT, vec![self.bits as u32; self.samples]),
            (259, SHORT, vec![self.compression]),
            (262, SHORT, vec![self.photometric]),
            (266, SHORT, vec![if self.reversed { 2 } else { 1 }]),
            (277, SHORT, vec![self.samples as u32]),
            (284, SHORT, vec![if self.planar { 2 } else { 1 }]),
        ];
        match self.tiled {
            true => entries.extend([
                (322, SHORT, vec![TILE as u32]),
                (323, SHORT, vec![TILE as u32]),
                (324, LONG, offsets),
                (325, LONG, lengths),
            ]),
            false => entries.extend([(273, LONG, offsets), (278, LONG, vec![10]), (279, LONG, lengths)]),
        }
        entries.retain(|(tag, ..)| self.more.iter().all(|(other, ..)| other != tag));
        entries.extend(self.more.clone());
        entries.sort();
        let mut directory = (entries.len() as u16).to_le_bytes().to_vec();
        let mut values = Vec::new();
        let values_at = file.len() + 2 + 12 * entries.len() + 4;
        for (tag, kind, numbers) in &entries {
            let value: Vec<u8> = match *kind {
                SHORT => numbers.iter().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
                _ => numbers.iter().flat_map(|v| v.to_le_bytes()).collect(),
            };
            let count = if *kind == RATIONAL { numbers.len() / 2 } else { numbers.len() } as u32;
            directory.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            directory.extend(count.to_le_bytes());
            if value.len() <= 4 {
                directory.extend([value, vec![0; 4]].concat()[..4].to_vec());
            } else {
                directory.extend(((values_at + values.len()) as u32).to_le_bytes());
                values.extend(value);
            }
        }
        directory.extend([0; 4]);
        let at = (file.len() as u32).to_le_bytes();
        file[4..8].copy_from_slice(&at);
        [file, directory, values].concat()
    }

    /// The samples that must come out, spread over the whole range.
    fn wanted(&self) -> Vec<u32> {
        let (largest, full) = ((1_u32 << self.bits) - 1, if self.bits > 8 { 65535 } else { 255 });
        self.each(|x, y, c| (self.sample(x, y, c) * full + largest / 2) / largest)
    }

    fn each(&self, of: impl Fn(usize, usize, usize) -> u32) -> Vec<u32> {
        let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        pixels.flat_map(|(x, y)| (0..self.samples).map(move |c| (x, y, c))).map(|(x, y, c)| of(x, y, c)).collect()
    }
}

fn numbers(image: &Image) -> Vec<u32> {
    match image.samples() {
        Samples::U8(p) => p.as_slice().iter().map(|v| u32::from(*v)).collect(),
        Samples::U16(p) => p.as_slice().iter().map(|v| u32::from(*v)).collect(),
        Samples::F32(_) => panic!("no floats"),
    }
}

fn read(file: &File) -> Result<Image, DecodeError> {
    decode(&file.bytes(), Limits::default())
}

#[test]
fn planes_tiles_packed_samples_and_bits_in_reverse_order_come_out_right() {
    for (samples, bits) in
        [(1, 1), (1, 2), (1, 4), (1, 6), (1, 8), (1, 10), (1, 12), (1, 16), (3, 4), (3, 8), (3, 12), (3, 14), (3, 16)]
    {
        for compression in [1, 5, 8, 32773] {
            for kind in 0..8 {
                let [reversed, planar, tiled] = [1, 2, 4].map(|bit| kind & bit != 0);
                if planar && samples == 1 {
                    continue;
                }
                let file = File { compression, reversed, planar, tiled, ..File::new(samples, bits) };
                let case = format!("{samples} samples of {bits}, {compression}, {reversed} {planar} {tiled}");
                let image = read(&file).unwrap_or_else(|e| panic!("{case}: {e}"));
                assert!(numbers(&image) == file.wanted(), "{case}");
            }
        }
    }
}

#[test]
fn zero_is_white_in_packed_samples_as_well() {
    for (samples, bits) in [(1, 1), (1, 8), (1, 12)] {
        let file = File { photometric: 0, ..File::new(samples, bits) };
        let full = if bits > 8 { 65535 } else { 255 };
        let inverted: Vec<u32> = file.wanted().into_iter().map(|v| full - v).collect();
        assert!(numbers(&read(&file).expect("it is sound")) == inverted, "{bits} bits");
    }
}

#[test]
fn strips_may_have_more_rows_than_the_picture() {
    for rows in [HEIGHT as u32 + 1, 70_000, u32::MAX] {
        for compression in [1, 8] {
            let file = File { compression, ..File::new(3, 8) }.with(278, LONG, &[rows]);
            assert!(numbers(&read(&file).expect("it is sound")) == file.wanted(), "{rows} rows, {compression}");
        }
    }
}

#[test]
fn palettes_are_resolved_with_alpha_if_there_is_any() {
    for bits in [4, 8, 16] {
        let size = 1 << bits;
        let palette: Vec<u32> = (0..3 * size).map(|i| (i * 37 % 256) as u32 * 257).collect();
        for (samples, extra, planar) in [(1, 0, false), (2, 2, false), (2, 0, false), (2, 2, true)] {
            let mut file = File { photometric: 3, planar, ..File::new(samples, bits) }.with(320, SHORT, &palette);
            if samples > 1 {
                file = file.with(338, SHORT, &[extra]);
            }
            let image = read(&file).unwrap_or_else(|e| panic!("{bits} bits, {samples}: {e}"));
            let mut wanted = Vec::new();
            let full = (1_u32 << bits) - 1;
            for pixel in file.each(|x, y, c| file.sample(x, y, c)).chunks(samples) {
                wanted.extend((0..3).map(|c| palette[c * size + pixel[0] as usize] >> 8));
                wanted.extend((extra == 2).then(|| (pixel[1] * 255 + full / 2) / full));
            }
            assert!(numbers(&image) == wanted, "{bits} bits, {samples} samples, extra {extra}");
        }
    }
}

#[test]
fn differences_without_compression_are_none() {
    for compression in [1, 32773] {
        let file = File { compression, ..File::new(3, 8) }.with(317, SHORT, &[2]);
        assert!(numbers(&read(&file).expect("it is sound")) == file.wanted(), "as libtiff has it: {compression}");
    }
}

#[test]
fn colors_are_by_the_coefficients_and_the_range_that_the_file_states() {
    let plain = File { photometric: 6, ..File::new(3, 8) }.with(530, SHORT, &[1, 1]);
    let coded = plain.clone().with(529, RATIONAL, &[2126, 10000, 7152, 10000, 722, 10000]);
    let coded = coded.with(532, RATIONAL, &[16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1]);
    let rgb = |ycc: &[u32], [red, green, blue]: [f64; 3], [black, white, chroma]: [f64; 3]| {
        let y = (f64::from(ycc[0]) - black) * 255.0 / (white - black);
        let [cb, cr] = [1, 2].map(|c| (f64::from(ycc[c]) - 128.0) * 127.0 / chroma);
        let (r, b) = (y + (2.0 - 2.0 * red) * cr, y + (2.0 - 2.0 * blue) * cb);
        [r, (y - red * r - blue * b) / green, b]
    };
    for (file, luma, range) in
        [(plain, [0.299, 0.587, 0.114], [0.0, 255.0, 127.0]), (coded, [0.2126, 0.7152, 0.0722], [16.0, 235.0, 112.0])]
    {
        let image = read(&file).expect("it is sound");
        for (got, ycc) in numbers(&image).chunks(3).zip(file.each(|x, y, c| file.sample(x, y, c)).chunks(3)) {
            for (got, wanted) in got.iter().zip(rgb(ycc, luma, range)) {
                assert!((f64::from(*got) - wanted.clamp(0.0, 255.0)).abs() < 0.51, "{ycc:?}: {got}, not {wanted}");
            }
        }
    }
}

#[test]
fn tags_that_change_what_samples_mean_are_refused_by_name() {
    let refused = [
        (File::new(1, 8).with(266, SHORT, &[3]), "FillOrder"),
        (File::new(3, 8).with(284, SHORT, &[3]), "PlanarConfiguration"),
        (File { compression: 8, ..File::new(3, 8) }.with(317, SHORT, &[4]), "Predictor"),
        (File { compression: 8, ..File::new(1, 4) }.with(317, SHORT, &[2]), "Predictor"),
        (File { photometric: 5, ..File::new(4, 8) }.with(332, SHORT, &[2]), "InkSet"),
        (File { photometric: 5, ..File::new(4, 8) }.with(334, SHORT, &[6]), "NumberOfInks"),
        (File { photometric: 5, ..File::new(4, 8) }.with(336, SHORT, &[20, 200]), "DotRange"),
        (File::new(4, 8).with(338, SHORT, &[7]), "ExtraSamples"),
        (File::new(1, 8).with(339, SHORT, &[5]), "SampleFormat"),
        (File::new(1, 8).with(346, SHORT, &[1]), "Indexed"),
        (File { photometric: 6, ..File::new(3, 8) }.with(530, SHORT, &[2, 2]), "YCbCrSubSampling"),
        // The default.
        (File { photometric: 6, ..File::new(3, 8) }, "YCbCrSubSampling"),
        (File::new(1, 12).with(339, SHORT, &[2]), "SampleFormat"),
        (File::new(2, 8).with(339, SHORT, &[2, 2]), "SampleFormat"),
        (File::new(3, 8).with(339, SHORT, &[1, 2, 1]), "SampleFormat"),
        (File::new(3, 8).with(532, RATIONAL, &[16, 1, 235, 1, 16, 1, 235, 1, 16, 1, 235, 1]), "ReferenceBlackWhite"),
        (File::new(1, 8).with(559, LONG, &[10, 10, 9]), "StripRowCounts"),
        (File::new(1, 8).with(32997, LONG, &[2]), "ImageDepth"),
        (File::new(1, 8).with(33421, SHORT, &[2, 2]), "CFARepeatPatternDim"),
    ];
    for (file, wanted) in refused {
        match read(&file) {
            Err(DecodeError::Samples(UnsupportedSamples::TiffTag { name, .. })) => assert_eq!(name, wanted),
            other => panic!("{wanted}: {other:?}"),
        }
    }
    for (photometric, name) in [(4, "mask"), (8, "L*a*b*"), (32803, "color filter array"), (32845, "LogLuv")] {
        let error = read(&File { photometric, ..File::new(3, 8) }).expect_err("not read").to_string();
        assert!(error.contains(name), "{error}");
    }
    for (compression, name) in [(9, "JBIG"), (34925, "LZMA"), (50001, "WebP")] {
        let error = read(&File { compression, ..File::new(3, 8) }).expect_err("not read").to_string();
        assert!(error.contains(name), "{error}");
    }
}

/// Programs differ: libtiff's RGBA and ImageMagick take 8 bits as if they were unsigned, which tears grey apart at zero; OpenCV gives
/// signed numbers; ImageMagick has the least of 16 bits black and the greatest white, which keeps the order, and is what we do.
#[test]
fn signed_integers_are_from_black_to_white() {
    for (samples, bits) in [(1, 8), (1, 16), (3, 8), (3, 16)] {
        for kind in 0..8 {
            let [tiled, planar, white_is_zero] = [1, 2, 4].map(|bit| kind & bit != 0);
            if samples == 1 && planar || samples == 3 && white_is_zero {
                continue;
            }
            for compression in [1, 8] {
                let photometric = if white_is_zero { 0 } else { File::new(samples, bits).photometric };
                let file = File { tiled, planar, compression, photometric, ..File::new(samples, bits) };
                let image = read(&file.clone().with(339, SHORT, &vec![2; samples])).expect("it is sound");
                let [half, full] = [1 << (bits - 1), (1 << bits) - 1];
                // The stored numbers, as unsigned ones, are shifted by half of their range.
                let shifted = |v: u32| (v + half) & full;
                let all = file.each(|x, y, c| file.sample(x, y, c)).into_iter().map(shifted);
                let wanted: Vec<u32> = all.map(|v| if white_is_zero { full - v } else { v }).collect();
                assert!(numbers(&image) == wanted, "{samples} of {bits}, {compression}, {kind}");
                assert_eq!(image.metadata.changes, [Change::SignedShifted]);
            }
        }
    }
}

#[test]
fn curves_that_no_program_applies_are_said() {
    let curve: Vec<u32> = (0..256).map(|i| i * 257).collect();
    let file = File::new(1, 8).with(301, SHORT, &curve);
    let image = read(&file).expect("it is sound");
    assert!(numbers(&image) == file.wanted());
    assert_eq!(image.metadata.changes, [Change::TransferUnheeded]);
}
