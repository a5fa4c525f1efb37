//! The picture of an AVIF file: AV1 key frames, and what boxes say of them.

use image::metadata::Orientation;
use re_rav1d::dav1d::Picture;
use re_rav1d::dav1d::pixel::YUVRange;

use srcnn_image::image::{Change, Image, Metadata};
use srcnn_image::plane::Rect;
use srcnn_image::{Limits, Size};

use super::alpha::with_alpha;
use super::boxes::{Items, is_sequence};
use super::color::{Coding, to_samples};
use super::{decoder, stream};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_memory, check_pixels};
use crate::unsupported::UnsupportedSamples;

/// The names that auxiliary pictures which are alpha go by.
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// Decodes a file: in 8 bits, or in 16 if it has more than 8.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    let items = Items::read(bytes).ok_or(DecodeError::Truncated)?;
    let primary = items.primary;
    if items.kind(primary) != Some(*b"av01") {
        return Err(DecodeError::Samples(UnsupportedSamples::AvifDerived));
    }
    let color = decoded(&items, primary, limits)?;
    let mut samples = to_samples(&color, &coding(&items, primary, &color))?;
    let alpha = items.referring(*b"auxl", primary).find(|item| {
        let name = items.property(*item, *b"auxC").and_then(|data| data.get(4..)).unwrap_or_default();
        ALPHA.contains(&name.split(|b| *b == 0).next().unwrap_or_default())
    });
    if let Some(alpha) = alpha {
        let picture = decoded(&items, alpha, limits)?;
        let coding = Coding { grey: true, ..coding(&items, alpha, &picture) };
        let multiplied = items.referred(*b"prem", primary).any(|item| item == alpha);
        samples = with_alpha(&samples, &to_samples(&picture, &coding)?, multiplied)?;
    }
    let metadata = Metadata {
        icc: items.properties(primary).filter(|(kind, _)| kind == b"colr").find_map(|(_, data)| {
            let kind = data.get(..4)?;
            (kind == b"prof" || kind == b"rICC").then(|| data[4..].to_vec())
        }),
        exif: exif(&items),
        xmp: items
            .of_kind(*b"mime")
            .find(|(item, content)| *content == b"application/rdf+xml" && about(&items, *item))
            .and_then(|(item, _)| Some(items.data(item)?.into_owned())),
        density: None,
        color_chunks: Vec::new(),
        changes: if is_sequence(bytes) { vec![Change::First] } else { Vec::new() },
    };
    let orientation = orientation(&items);
    let mut picture = Image::new(samples).expect("1 to 4 channels");
    if let Some([x, y, width, height]) = clean(&items, (picture.width() as u32, picture.height() as u32)) {
        let [x, y, width, height] = [x, y, width, height].map(|n| n as usize);
        picture = picture.crop(Rect { x, y, width, height }).map_err(|_| DecodeError::Empty)?;
    }
    Ok(Decoded { picture, metadata, orientation }.upright())
}

/// The part that is to be shown, if it is said that it is only one: column, row, columns and rows.
fn clean(items: &Items<'_>, (width, height): (u32, u32)) -> Option<[u32; 4]> {
    let data = items.property(items.primary, *b"clap")?;
    let fraction = |at: usize| {
        let [n, d] = [at, at + 4].map(|at| Some(i32::from_be_bytes(*data.get(at..)?.first_chunk()?)));
        Some((i64::from(n?), i64::from(d?))).filter(|(_, d)| *d > 0)
    };
    let side = |length: u32, (n, d): (i64, i64), (off_n, off_d): (i64, i64)| {
        let (whole, length) = (n / d, i64::from(length));
        // The middle of the part lies off the middle of the picture; parts that begin between pixels are none.
        let twice = (length - whole).checked_mul(off_d)?.checked_add(off_n.checked_mul(2)?)?;
        let begin = twice / (2 * off_d);
        let sound = n % d == 0 && twice % (2 * off_d) == 0 && whole > 0 && begin >= 0 && begin + whole <= length;
        sound.then_some((begin as u32, whole as u32))
    };
    let (x, width) = side(width, fraction(0)?, fraction(16)?)?;
    let (y, height) = side(height, fraction(8)?, fraction(24)?)?;
    Some([x, y, width, height])
}

/// Decodes an item that is a coded picture.
fn decoded(items: &Items<'_>, item: u32, limits: Limits) -> Result<Picture, DecodeError> {
    let size = items.property(item, *b"ispe").and_then(|data| {
        let side = |at: usize| Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?));
        Some((side(4)?, side(8)?))
    });
    let (width, height) = size.ok_or(DecodeError::Truncated)?;
    let size = Size::new(width as usize, height as usize);
    check_pixels(size, limits)?;
    // Planes of 16 bits, those that the decoder works on, and the samples of 16 bits that become of them, alpha too.
    let needed = u64::from(width) * u64::from(height) * 28;
    check_memory(size, needed, limits)?;
    let data = items.data(item).filter(|data| !data.is_empty()).ok_or(DecodeError::Truncated)?;
    let picture = decoder::decode(data.into(), size, needed, limits)?;
    if (picture.width(), picture.height()) != (width, height) {
        return Err(DecodeError::Samples(UnsupportedSamples::AvifSize));
    }
    Ok(picture)
}

/// How samples stand for colors: by the file, or else by the coded picture.
fn coding(items: &Items<'_>, item: u32, picture: &Picture) -> Coding {
    let stated = items.properties(item).filter(|(kind, _)| kind == b"colr").find_map(|(_, data)| {
        let rest = data.strip_prefix(b"nclx")?;
        let matrix = u16::from_be_bytes(*rest.get(4..)?.first_chunk()?);
        Some((matrix, rest.get(6)? & 0x80 != 0))
    });
    let (matrix, full) = stated.unwrap_or_else(|| {
        /// Not specified.
        const UNKNOWN: u16 = 2;
        let matrix = items.data(item).and_then(|data| stream::matrix(&data)).unwrap_or(UNKNOWN);
        (matrix, picture.color_range() == YUVRange::Full)
    });
    Coding { matrix, full, grey: false }
}

/// The Exif block, without what comes before it.
fn exif(items: &Items<'_>) -> Option<Vec<u8>> {
    let (item, _) = items.of_kind(*b"Exif").find(|(item, _)| about(items, *item))?;
    let data = items.data(item)?;
    let (offset, rest) = data.split_first_chunk()?;
    rest.get(u32::from_be_bytes(*offset) as usize..).map(<[u8]>::to_vec)
}

/// Whether an item describes the picture.
fn about(items: &Items<'_>, item: u32) -> bool {
    items.referred(*b"cdsc", item).any(|to| to == items.primary)
}

/// How the picture is to be turned: first by quarters against the clock, then mirrored. What Exif says does not count.
fn orientation(items: &Items<'_>) -> Orientation {
    let first = |kind| items.property(items.primary, kind).and_then(|data| data.first());
    let quarters = first(*b"irot").map_or(0, |angle| angle & 3);
    let mirrored = first(*b"imir").map(|axis| axis & 1);
    match (quarters, mirrored) {
        (0, None) => Orientation::NoTransforms,
        (1, None) => Orientation::Rotate270,
        (2, None) => Orientation::Rotate180,
        (_, None) => Orientation::Rotate90,
        // Top and bottom change places, or left and right.
        (0, Some(0)) | (2, Some(1)) => Orientation::FlipVertical,
        (0, _) | (2, _) => Orientation::FlipHorizontal,
        (1, Some(0)) | (3, Some(1)) => Orientation::Rotate90FlipH,
        (_, Some(_)) => Orientation::Rotate270FlipH,
    }
}
