//! Files of every kind, read back by our own decoder and by that of the crate `image`.

use std::io::{self, Cursor, Write};

use srcnn_image::image::{Depth, Image, Metadata, Pixels, Samples};
use srcnn_image::rows::{Rows, RowsError, Shape};
use srcnn_image::{Limits, Size};

use super::{quantisation, write};
use crate::options::{EncodeOptions, Subsampling};
use crate::{EncodeError, decode};

/// Below, at and above one and two MCUs of 8 and 16 pixels, and the 128 pixels that are transformed at a time.
const SIZES: [(usize, usize); 12] = [
    (1, 1),
    (7, 9),
    (8, 8),
    (9, 7),
    (16, 16),
    (17, 33),
    (31, 15),
    (127, 66),
    (128, 65),
    (129, 64),
    (140, 200),
    (300, 5),
];

/// Rows that come `step` at a time; after `good` rows an error comes.
struct Cut<'a> {
    pixels: &'a Pixels<u8>,
    metadata: Metadata,
    next: usize,
    step: usize,
    good: usize,
}

impl<'a> Cut<'a> {
    fn new(pixels: &'a Pixels<u8>, step: usize) -> Self {
        Self { pixels, metadata: Metadata::default(), next: 0, step, good: usize::MAX }
    }
}

impl Rows for Cut<'_> {
    fn shape(&self) -> Shape {
        let pixels = self.pixels;
        Shape { width: pixels.width(), height: pixels.height(), channels: pixels.channels(), depth: Depth::Eight }
    }

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
        let Size { width, height } = self.pixels.size();
        let rows = rows.min(self.step).min(height - self.next);
        if self.next + rows > self.good {
            return Err("no more".into());
        }
        let row = width * self.pixels.channels();
        let samples = self.pixels.as_slice()[self.next * row..(self.next + rows) * row].to_vec();
        self.next += rows;
        (rows > 0).then(|| Ok(Image::from_u8(Pixels::new(width, rows, self.pixels.channels(), samples)?)?)).transpose()
    }
}

/// Sequential, with tables of its own, and progressive; at both resolutions.
fn kinds(quality: u8) -> [EncodeOptions; 6] {
    let kinds = [(false, false), (true, false), (false, true)];
    let all = [Subsampling::S444, Subsampling::S420].map(|subsampling| {
        kinds.map(|(optimize, progressive)| EncodeOptions {
            quality,
            subsampling,
            optimize,
            progressive,
            ..EncodeOptions::default()
        })
    });
    [all[0][0], all[0][1], all[0][2], all[1][0], all[1][1], all[1][2]]
}

fn encoded(pixels: &Pixels<u8>, options: &EncodeOptions, step: usize) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Cut::new(pixels, step), &[], options, &mut out).expect("it fits");
    out
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let image = decode(bytes, Limits::default()).expect("a whole file");
    match image.samples() {
        Samples::U8(pixels) => pixels.as_slice().to_vec(),
        other => panic!("8 bits: {other:?}"),
    }
}

/// Slopes of each color, with a little noise.
fn picture((width, height): (usize, usize), channels: usize) -> Pixels<u8> {
    let mut state = 1_u32;
    let sample = |i: usize| {
        let (x, y, c) = (i / channels % width, i / channels / width, i % channels);
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let slope = 120.0 + 90.0 * ((x as f64 / (9 + 4 * c) as f64).sin() * (y as f64 / 11.0).cos());
        (slope + f64::from(state >> 29)) as u8
    };
    let samples = (0..width * height * channels).map(sample).collect();
    Pixels::new(width, height, channels, samples).expect("filled")
}

fn mean_square(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let squares = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
    squares.sum::<f64>() / a.len() as f64
}

#[test]
fn pictures_of_every_size_come_back() {
    for size in SIZES {
        for channels in [1, 3] {
            let pixels = picture(size, channels);
            for quality in [60, 95, 100] {
                // A mean of few pixels varies.
                let most = expected(channels, quality) * (1.0 + 4.0 / ((size.0 * size.1) as f64).sqrt());
                for options in kinds(quality) {
                    let error = mean_square(&decoded(&encoded(&pixels, &options, 64)), pixels.as_slice());
                    // Color differences at half the resolution are no measure.
                    if channels == 1 || options.subsampling == Subsampling::S444 {
                        assert!(error < most, "{size:?} {channels} {options:?}: {error}, {most}");
                    }
                }
            }
        }
    }
}

/// The mean square of errors that are spread evenly over the steps of quantisation, and over those of whole numbers: luma and
/// color differences before and after the transform, and samples.
fn expected(channels: usize, quality: u8) -> f64 {
    let [luma, color] = quantisation::steps(quality).map(|steps| {
        let squares = steps.iter().map(|step| f64::from(*step).powi(2) / 12.0).sum::<f64>() / 64.0;
        squares + 2.0 / 12.0
    });
    let samples = 1.0 / 12.0;
    if channels == 1 {
        return luma + samples;
    }
    // Weights of red's and blue's differences in red, green and blue (T.871, 7).
    let weights = (1.402_f64.powi(2) + 0.714_f64.powi(2) + 0.344_f64.powi(2) + 1.772_f64.powi(2)) / 3.0;
    luma + weights * color + samples
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    10.0 * (255.0_f64.powi(2) / mean_square(a, b)).log10()
}

#[test]
fn files_of_photographs_are_small_for_their_psnr() {
    /// Bytes and PSNR at 4:4:4 of the encoder of the crate `image` 0.25.10, which truncates DCT values before it quantises them,
    /// and of libjpeg-turbo 3.2 by Pillow 13; both decoded by the latter.
    struct Others {
        picture: &'static str,
        quality: u8,
        image: (usize, f64),
        turbo: (usize, f64),
    }
    let of = |picture, quality, image, turbo| Others { picture, quality, image, turbo };
    let others = [
        of("astronaut-61x47", 30, (993, 29.522), (995, 29.535)),
        of("astronaut-61x47", 50, (1124, 31.152), (1128, 31.162)),
        of("astronaut-61x47", 75, (1391, 33.506), (1400, 33.547)),
        of("astronaut-61x47", 90, (1930, 36.809), (1953, 36.858)),
        of("astronaut-61x47", 95, (2584, 39.446), (2623, 39.504)),
        of("astronaut-61x47", 98, (3865, 43.220), (3945, 43.500)),
        of("astronaut-61x47", 100, (5204, 47.117), (5835, 50.397)),
        of("chelsea-64x64", 30, (1133, 31.094), (1137, 31.094)),
        of("chelsea-64x64", 50, (1327, 32.731), (1331, 32.735)),
        of("chelsea-64x64", 75, (1676, 35.020), (1697, 35.028)),
        of("chelsea-64x64", 90, (2407, 38.157), (2450, 38.196)),
        of("chelsea-64x64", 95, (3208, 41.021), (3252, 41.035)),
        of("chelsea-64x64", 98, (4494, 45.068), (4584, 45.431)),
        of("chelsea-64x64", 100, (5760, 48.625), (6789, 53.731)),
        of("rocket-40x56", 30, (770, 33.317), (770, 33.317)),
        of("rocket-40x56", 50, (815, 34.705), (815, 34.705)),
        of("rocket-40x56", 75, (904, 36.851), (906, 36.887)),
        of("rocket-40x56", 90, (1125, 39.607), (1145, 39.616)),
        of("rocket-40x56", 95, (1435, 42.732), (1459, 42.751)),
        of("rocket-40x56", 98, (1838, 46.837), (1945, 47.271)),
        of("rocket-40x56", 100, (2317, 50.565), (2856, 55.034)),
    ];
    /// Means of pictures of few blocks vary, dB.
    const VARIES: f64 = 0.07;
    let mut gains = Vec::new();
    for Others { picture, quality, image, turbo } in others {
        let name = format!("pictures/{picture}.png");
        let source = decode(&srcnn_fixtures::bytes(&name), Limits::default()).expect("a whole file");
        let Samples::U8(pixels) = source.samples() else { panic!("8 bits: {picture}") };
        let options = EncodeOptions { quality, subsampling: Subsampling::S444, ..EncodeOptions::default() };
        let bytes = encoded(pixels, &options, 64);
        let (size, psnr) = (bytes.len(), psnr(&decoded(&bytes), pixels.as_slice()));
        let said = format!("{picture} {quality}: {size} bytes, {psnr:.3} dB; image {image:?}, libjpeg-turbo {turbo:?}");
        println!("{said}");
        assert!(size < turbo.0, "{said}");
        if quality <= 95 {
            assert!(size < image.0 && psnr > image.1 - VARIES, "{said}");
            gains.push(psnr - image.1);
        } else {
            // Steps of 1 to 3 are where truncation costs the most.
            assert!(psnr > image.1 + 0.3 && psnr > turbo.1 - 0.05, "{said}");
        }
    }
    let gain = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(gain >= 0.0, "{gain} dB on average");
}

#[test]
fn another_decoder_sees_the_same() {
    for size in SIZES {
        for channels in [1, 3] {
            let pixels = picture(size, channels);
            for options in kinds(90) {
                let bytes = encoded(&pixels, &options, 64);
                let other =
                    image::load_from_memory_with_format(&bytes, image::ImageFormat::Jpeg).expect("a whole file");
                assert_eq!((other.width() as usize, other.height() as usize), size);
                assert_eq!(usize::from(other.color().channel_count()), channels);
                // It rounds otherwise, and takes other means between the samples of color differences.
                if options.subsampling == Subsampling::S444 {
                    assert!(mean_square(other.as_bytes(), &decoded(&bytes)) < 1.0, "{size:?} {channels} {options:?}");
                }
            }
        }
    }
}

#[test]
fn tables_of_its_own_and_progressive_scans_change_no_sample() {
    for size in SIZES {
        for channels in [1, 3] {
            let pixels = picture(size, channels);
            for quality in [1, 10, 50, 90, 95, 100] {
                for kinds in kinds(quality).chunks(3) {
                    let [plain, optimized, progressive] = [0, 1, 2].map(|i| encoded(&pixels, &kinds[i], 64));
                    assert!(optimized.len() <= plain.len(), "{size:?} {channels} {quality}");
                    let samples = decoded(&plain);
                    assert_eq!(decoded(&optimized), samples, "{size:?} {channels} {quality}");
                    assert_eq!(decoded(&progressive), samples, "{size:?} {channels} {quality}");
                }
            }
        }
    }
}

#[test]
fn bytes_are_equal_for_every_number_of_threads_and_every_cut() {
    for channels in [1, 3] {
        let pixels = picture((140, 300), channels);
        for options in kinds(85) {
            let whole = encoded(&pixels, &options, 300);
            for threads in [1, 2, 3, 7] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                for step in [1, 7, 16, 64, 299] {
                    let bytes = pool.install(|| encoded(&pixels, &options, step));
                    assert!(bytes == whole, "{threads} threads, {step} rows: {options:?}");
                }
            }
        }
    }
}

#[test]
fn bytes_of_wide_pictures_are_equal_for_every_number_of_threads() {
    // With many threads, fewer rows are in work than they want.
    let pixels = picture((65_535, 100), 3);
    for options in kinds(85) {
        let [one, many] = [1, 16].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| encoded(&pixels, &options, 100))
        });
        assert!(one == many, "{options:?}");
    }
}

#[test]
fn extremes_do_not_overflow() {
    let size = (40, 40);
    let corner = |bits: usize| [0, 1, 2].map(|c| if bits >> c & 1 == 1 { 255 } else { 0 });
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as usize
    };
    let mut pictures: Vec<Vec<u8>> = (0..8).map(|bits| (0..1600).flat_map(|_| corner(bits)).collect()).collect();
    // Checkerboards of single pixels and of stripes, of opposite colors; blocks of opposite colors; noise of the purest colors.
    for bits in 0..4 {
        let board = |f: &dyn Fn(usize, usize) -> usize| {
            let pixel = |i: usize| corner(if f(i % 40, i / 40) % 2 == 1 { bits } else { 7 - bits });
            (0..1600).flat_map(pixel).collect()
        };
        pictures.extend([board(&|x, y| x + y), board(&|x, _| x), board(&|_, y| y / 4), board(&|x, y| x / 8 + y / 8)]);
    }
    pictures.push((0..1600).flat_map(|_| corner(noise() >> 5)).collect());
    pictures.push((0..4800).map(|_| noise() as u8).collect());
    for (number, samples) in pictures.into_iter().enumerate() {
        let pixels = Pixels::new(size.0, size.1, 3, samples).expect("filled");
        let [plain, optimized, progressive, ..] = kinds(100).map(|options| decoded(&encoded(&pixels, &options, 64)));
        // One step of a color difference is 1.772 of blue.
        assert!(mean_square(&plain, pixels.as_slice()) < 1.0, "{number}");
        assert_eq!([&optimized, &progressive], [&plain; 2], "{number}");
        let grey = Pixels::new(size.0, size.1, 1, pixels.as_slice()[..1600].to_vec()).expect("filled");
        for options in kinds(100) {
            assert!(mean_square(&decoded(&encoded(&grey, &options, 64)), grey.as_slice()) < 0.3, "{number}");
        }
    }
}

/// Counts what is written.
#[derive(Default)]
struct Writes {
    writes: usize,
    bytes: usize,
}

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writes += 1;
        self.bytes += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn many_bytes_are_written_at_a_time() {
    let pixels = picture((1200, 1200), 3);
    for options in kinds(100) {
        let mut out = Writes::default();
        write(&mut Cut::new(&pixels, 64), &[], &options, &mut out).expect("it fits");
        assert!(out.bytes > 500_000 && out.bytes / out.writes >= 100_000, "{} by {}", out.bytes, out.writes);
    }
}

#[test]
fn an_error_of_the_rows_ends_it() {
    let pixels = picture((1200, 800), 3);
    for options in kinds(100) {
        for good in [0, 63, 700] {
            let mut out = Writes::default();
            let mut rows = Cut { good, ..Cut::new(&pixels, 10) };
            let error = write(&mut rows, &[], &options, &mut out).expect_err("rows are missing");
            assert!(matches!(&error, EncodeError::Rows(inner) if inner.to_string() == "no more"), "{error}");
            assert!(out.bytes == 0 || good == 700, "nothing before the first rows");
        }
    }
}

#[test]
fn rows_that_are_missing_are_an_error() {
    /// A picture that says to be higher than it is.
    struct Higher<'a>(Cut<'a>);
    impl Rows for Higher<'_> {
        fn shape(&self) -> Shape {
            Shape { height: 40, ..self.0.shape() }
        }
        fn metadata(&self) -> &Metadata {
            self.0.metadata()
        }
        fn read(&mut self, rows: usize) -> Result<Option<Image>, RowsError> {
            self.0.read(rows)
        }
    }
    let pixels = picture((20, 30), 3);
    for options in kinds(90) {
        let mut out = Cursor::new(Vec::new());
        let error = write(&mut Higher(Cut::new(&pixels, 8)), &[], &options, &mut out).expect_err("rows are missing");
        assert!(error.to_string().contains("a row is missing"), "{error}");
    }
}

#[test]
fn the_longest_sides_are_written() {
    for size in [(65_535, 2), (2, 65_535)] {
        let pixels = picture(size, 1);
        for options in kinds(90) {
            assert!(mean_square(&decoded(&encoded(&pixels, &options, 4096)), pixels.as_slice()) < 6.0, "{size:?}");
        }
    }
}
