//! Bands of rows, and the memory that they take.

use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

#[test]
fn bands_of_any_height_give_the_picture_in_one_piece() {
    let plain = Settings::default();
    let settings = [plain, Settings { ensemble: true, ..plain }, Settings { strength: 0.3, ..plain }];
    let keras = Model::builtin("srcnn-keras", 2).expect("built in");
    let networks = [Prepared::new(&model()), Prepared::new(&keras), Prepared::new(&rgb())];
    let mut cases = 0;
    for (i, network) in networks.iter().enumerate() {
        for (channels, size, target) in [
            (1, (13, 61), (26, 122)),
            (3, (20, 47), (35, 81)),
            (4, (11, 90), (44, 360)),
            (3, (30, 75), (41, 60)),
            (2, (40, 70), (31, 53)),
            (3, (17, 64), (17, 64)),
        ] {
            let settings = if (i, channels) == (0, 3) { &settings[..] } else { &settings[..1] };
            for &settings in settings {
                let mut image = hiding(&picture(size.0, size.1, channels, 7));
                if target == (41, 60) || channels == 4 {
                    image = glaring(&image);
                }
                let upscaler = network.clone().with_settings(settings);
                let same = size == target;
                let whole =
                    if same { upscaler.restore(&image, &Silent) } else { upscaler.upscale(&image, target, &Silent) };
                let whole = whole.expect("possible");
                // Read in other portions than those that are computed, or joined to pixels.
                for (band, portion) in [(1, 11), (3, 1), (16, 11), (33, 1), (50, 23)] {
                    let plan =
                        if same { upscaler.to(Target::SameSize) } else { upscaler.exactly(target) }.plan(size.into());
                    let source = Box::new(Held::from(&image));
                    let bands = Upscaled::new(source, plan, IN_MEMORY, &Silent).expect("possible");
                    let mut bands = bands.with_band(band);
                    let mut joined = crate::rows::RowBuffer::new(bands.shape());
                    while let Some(part) = bands.read(portion).expect("possible") {
                        assert!(part.height() <= portion);
                        joined.push(&part);
                    }
                    assert!(joined.into_image() == whole, "{i} {channels} {size:?} {target:?} {settings:?} {band}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 5 * (3 * 6 + 3 * 2));
}

#[test]
fn a_band_takes_no_more_than_is_allowed_or_is_refused() {
    let upscaler = Prepared::new(&model());
    let image = picture(300, 200, 3, 1);
    // The picture itself is in memory in any case.
    let held = Shape::of(&image).bytes();
    let with = |memory| {
        let limits = Limits { memory: held + memory, ..IN_MEMORY };
        upscaler.exactly((600, 400)).rows(Held::from(&image), limits, &Silent)
    };
    // The first refusal tells the memory of filters, the second that of everything.
    let Err(UpscaleError::Memory { needed: filters, limit: 1000 }) = with(1000) else { panic!("not refused") };
    let Err(UpscaleError::Memory { needed, .. }) = with(filters) else { panic!("not refused") };
    assert!(with(needed - 1).is_err());
    let mut rows = with(needed).expect("just enough");
    assert_eq!(rows.read(400).expect("possible").expect("a band").height(), 16);
    let wrapped = Settings { edge: Edge::Wrap, ..Settings::default() };
    let limits = Limits { memory: held + needed, ..IN_MEMORY };
    let refused = upscaler.clone().with_settings(wrapped).exactly((600, 400)).rows(Held::from(&image), limits, &Silent);
    assert!(matches!(refused, Err(UpscaleError::Memory { .. })), "with other edges the picture is needed as a whole");
}

#[test]
fn filters_that_do_not_fit_are_not_made() {
    /// Rows that claim a large size and hold no picture.
    struct Claim(crate::image::Metadata, usize, usize);
    impl Rows for Claim {
        fn shape(&self) -> Shape {
            Shape { width: self.1, height: self.2, channels: 1, depth: crate::image::Depth::Eight }
        }

        fn metadata(&self) -> &crate::image::Metadata {
            &self.0
        }

        fn read(&mut self, _rows: usize) -> Result<Option<Image>, crate::rows::RowsError> {
            panic!("it is refused before")
        }
    }
    for (width, height) in [(1, 200_000_000), (200_000_000, 1), (30_000_000, 5)] {
        let (claim, target) = (Claim(Default::default(), width, height), (2 * width, 2 * height));
        let limits = Limits { memory: 2 << 30, ..IN_MEMORY };
        let refused = Prepared::new(&model()).exactly(target).rows(claim, limits, &Silent).err();
        assert!(matches!(refused, Some(UpscaleError::Memory { .. })), "{width}x{height}: {refused:?}");
    }
}

#[test]
fn progress_over_bands_is_that_of_the_whole() {
    let (upscaler, image) = (Prepared::new(&model()), picture(31, 200, 3, 1));
    let done = AtomicU64::new(0);
    let count = Count(&done);
    let limits = Limits { memory: 400_000, ..IN_MEMORY };
    let mut rows = upscaler.exactly((62, 400)).rows(Held::from(&image), limits, &count).expect("possible");
    let mut bands = 0;
    while rows.read(400).expect("possible").is_some() {
        bands += 1;
    }
    assert!(bands > 1);
    drop(rows);
    assert_eq!(done.into_inner(), upscaler.exactly((62, 400)).work((31, 200).into()));
}

#[test]
fn an_interpolation_that_wraps_is_computed_in_one_band() {
    let Preprocessing { scale, luma, .. } = *model().preprocessing();
    let interpolation = Convention::MatlabBicubic(Edge::Wrap);
    let preprocessing = Preprocessing { scale, interpolation, luma };
    let (architecture, weights) = (model().architecture().expect("a chain").clone(), model().weights().to_vec());
    let wrapping = Model::new("wrapping", architecture, weights, preprocessing, Default::default()).expect("valid");
    let image = picture(40, 300, 3, 2);
    let prepared = Prepared::new(&wrapping);
    let whole = prepared.run(&image).expect("possible");
    let upscaler = prepared.exactly((80, 600));
    let rows = |memory| {
        let limits = Limits { memory: Shape::of(&image).bytes() + memory, ..IN_MEMORY };
        upscaler.rows(Held::from(&image), limits, &Silent)
    };
    let mut least = 0;
    while let Err(error) = rows(least).map(drop) {
        let UpscaleError::Memory { needed, .. } = error else { panic!("{error}") };
        least = needed;
    }
    assert!(gathered(rows(least).expect("just enough")).expect("possible") == whole);
}

#[test]
fn rows_like_earlier_ones_are_taken_and_the_others_computed() {
    let plain = Settings::default();
    let settings = [
        plain,
        Settings { ensemble: true, ..plain },
        Settings { strength: 0.3, ..plain },
        Settings { edge: Edge::Wrap, ..plain },
    ];
    let keras = Model::builtin("srcnn-keras", 2).expect("built in");
    let large = Model::builtin("srcnn-955", 2).expect("built in");
    let networks = [Prepared::new(&model()), Prepared::new(&keras), Prepared::new(&rgb()), Prepared::new(&large)];
    let mut cases = 0;
    for (i, network) in networks.iter().enumerate() {
        for (channels, (width, height), target) in
            [(1, (13, 91), (26, 182)), (3, (20, 87), (35, 141)), (4, (11, 90), (44, 360)), (3, (30, 175), (41, 160))]
        {
            for &settings in if (i, channels) == (0, 3) { &settings[..] } else { &settings[..1] } {
                let before = hiding(&picture(width, height, channels, 7));
                let upscaler = network.clone().with_settings(settings).exactly(target);
                let earlier = upscaler.run(&before).expect("possible");
                for rows in [0..0, 0..1, 40..43, height - 1..height, 5..height - 5, 0..height] {
                    let mut now = before.clone();
                    for y in rows.clone() {
                        now = with_row_turned(&now, y);
                    }
                    let whole = upscaler.run(&now).expect("possible");
                    let like = Earlier::new(&before, earlier.clone(), &now).expect("of one shape");
                    assert!(like.differing().start >= rows.start && like.differing().end <= rows.end, "{rows:?}");
                    let progress = AtomicU64::new(0);
                    let count = Count(&progress);
                    let mut read =
                        upscaler.rows_after(Some(like), Held::from(&now), IN_MEMORY, &count).expect("possible");
                    let mut joined = crate::rows::RowBuffer::new(read.shape());
                    while let Some(part) = read.read(7).expect("possible") {
                        joined.push(&part);
                    }
                    assert!(joined.into_image() == whole, "{i} {channels} {target:?} {settings:?} {rows:?}");
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 6 * (4 * 4 + 2 * 3));
}

#[test]
fn only_rows_that_depend_on_others_are_computed() {
    let (upscaler, before) = (Prepared::new(&model()).exactly((40, 800)), picture(20, 400, 3, 1));
    let result = upscaler.run(&before).expect("possible");
    let computed = |now: &Image| {
        let progress = AtomicU64::new(0);
        let plan = upscaler.plan((20, 400).into());
        let upscaled = Upscaled::new(Box::new(Held::from(now)), plan, IN_MEMORY, &Silent).expect("possible");
        let depending = upscaled.depending(&Earlier::new(&before, result.clone(), now).expect("alike").differing());
        let earlier = Earlier::new(&before, result.clone(), now).expect("alike");
        let count = Count(&progress);
        drop(upscaler.rows_after(Some(earlier), Held::from(now), IN_MEMORY, &count).expect("possible"));
        (depending, progress.into_inner())
    };
    let work = upscaler.work((20, 400).into());
    assert_eq!(computed(&before), (0..0, work), "what is not computed is done");
    let (rows, spared) = computed(&with_row_turned(&before, 200));
    assert!(rows.start > 340 && rows.end < 460 && rows.contains(&400) && rows.contains(&401), "{rows:?}");
    assert_eq!(spared, work * (800 - rows.len() as u64) / 800);
    // Another shape is another picture.
    assert!(Earlier::new(&before, result.clone(), &picture(21, 400, 3, 1)).is_none());
    let other = Earlier::new(&before, picture(40, 799, 3, 1), &before).expect("alike");
    let rows = upscaler.rows_after(Some(other), Held::from(&before), IN_MEMORY, &Silent).expect("possible");
    assert!(collect(rows).expect("possible") == result);
}

/// A picture with one row from right to left.
fn with_row_turned(image: &Image, y: usize) -> Image {
    fn turned<T: Copy + Default + Send + Sync>(pixels: &Pixels<T>, y: usize) -> Pixels<T> {
        let (width, channels) = (pixels.width(), pixels.channels());
        let mut samples = pixels.as_slice().to_vec();
        let row: Vec<T> = pixels.row(y).chunks_exact(channels).rev().flatten().copied().collect();
        samples[y * width * channels..][..width * channels].copy_from_slice(&row);
        Pixels::new(width, pixels.height(), channels, samples).expect("filled")
    }
    let samples = match image.samples() {
        Samples::U8(p) => Samples::U8(turned(p, y)),
        Samples::U16(p) => Samples::U16(turned(p, y)),
        Samples::F32(p) => Samples::F32(turned(p, y)),
    };
    Image::new(samples).expect("1 to 4 channels")
}

/// Counts progress.
struct Count<'a>(&'a AtomicU64);

impl Progress for Count<'_> {
    fn advance(&self, pixels: u64) {
        self.0.fetch_add(pixels, Ordering::Relaxed);
    }
}
