//! The picture of an AVIF file: AV1 key frames, and what boxes say of them.

use image::metadata::Orientation;

use srcnn_image::image::{Change, Image, Metadata};
use srcnn_image::plane::Rect;
use srcnn_image::{Limits, Size};

use super::alpha::with_alpha;
use super::boxes::{Items, is_sequence};
use super::color::{Coding, to_samples};
use super::frame::{Frame, Grid, Joining};
use super::{decoder, stream};
use crate::decode_error::DecodeError;
use crate::held::decoded::Decoded;
use crate::limits::{check_memory, check_pixels};
use crate::metadata::exif::found;
use crate::unsupported::UnsupportedSamples;
use crate::work::{WorkCounter, check_still};

/// Passes over a pixel that the decoder's preparation for a tile is counted as.
const TILE_PASSES: u64 = 1 << 17;
/// The kind of an item that is coded as AV1.
const CODED: [u8; 4] = *b"av01";
/// Passes that a coded frame beside the one that is shown is counted as, with all filters of AV1.
const CODED_PASSES: u64 = 8;
/// Bytes a pixel of a picture of tiles, beside a tile: planes of the whole, of 16 bits, and the samples of 16 bits that become of them,
/// alpha too.
const GRID_BYTES: u64 = 20;
/// The names that auxiliary pictures which are alpha go by.
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"];

/// Decodes a file: in 8 bits, or in 16 if it has more than 8.
pub(crate) fn decode(bytes: &[u8], limits: Limits) -> Result<Image, DecodeError> {
    if Items::are_too_many(bytes) {
        return Err(DecodeError::Samples(UnsupportedSamples::AvifItems));
    }
    let items = Items::read(bytes).ok_or(DecodeError::Truncated)?;
    let primary = items.primary.ok_or(DecodeError::Samples(UnsupportedSamples::AvifSequence))?;
    let parts = Parts::of(&items, primary)?;
    let stated = parts.size(&items).unwrap_or(Size::new(0, 0));
    check_pixels(stated, limits)?;
    check_memory(stated, stated.pixels().saturating_mul(GRID_BYTES), limits)?;
    check_still(stated, bytes.len() as u64, limits)?;
    let mut work = WorkCounter::new(bytes.len() as u64, limits);
    let color = parts.decoded(&items, limits, &mut work)?;
    let mut samples = to_samples(&color, &coding(&items, &parts, &color))?;
    drop(color);
    if let Some(alpha) = parts.alpha(&items)? {
        let frame = alpha.decoded(&items, limits, &mut work)?;
        let coding = Coding { grey: true, ..coding(&items, &alpha, &frame) };
        let multiplied = items.referred(*b"prem", primary).any(|item| item == alpha.item);
        samples = with_alpha(&samples, &to_samples(&frame, &coding)?, multiplied)?;
    }
    let metadata = Metadata {
        icc: items.properties(primary).filter(|(kind, _)| kind == b"colr").find_map(|(_, data)| {
            let kind = data.get(..4)?;
            (kind == b"prof" || kind == b"rICC").then(|| data[4..].to_vec())
        }),
        // How the picture is to be turned the boxes say.
        exif: found(exif(&items)).0,
        xmp: items
            .of_kind(*b"mime")
            .find(|(item, content)| *content == b"application/rdf+xml" && about(&items, *item))
            .and_then(|(item, _)| Some(items.data(item)?.into_owned())),
        density: None,
        iptc: None,
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
    let data = items.property(items.primary?, *b"clap")?;
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

/// An item that is a picture: coded as one, or as tiles.
struct Parts {
    item: u32,
    /// The coded pictures.
    coded: Vec<u32>,
    /// How they lie; none if it is one.
    grid: Option<Grid>,
}

impl Parts {
    fn of(items: &Items<'_>, item: u32) -> Result<Self, DecodeError> {
        match items.kind(item) {
            Some(kind) if kind == CODED => Ok(Self { item, coded: vec![item], grid: None }),
            Some(kind) if kind == *b"grid" => {
                let grid = items.data(item).and_then(|data| Grid::read(&data)).ok_or(DecodeError::Truncated)?;
                let coded: Vec<u32> = items.referred(*b"dimg", item).collect();
                let is_sound = coded.len() == grid.tiles() && coded.iter().all(|tile| items.kind(*tile) == Some(CODED));
                let refused = DecodeError::Samples(UnsupportedSamples::AvifGrid);
                is_sound.then_some(Self { item, coded, grid: Some(grid) }).ok_or(refused)
            }
            Some(kind) => Err(DecodeError::Samples(UnsupportedSamples::AvifDerived(kind))),
            None => Err(DecodeError::Truncated),
        }
    }

    /// The alpha beside a picture, or beside each of its tiles.
    fn alpha(&self, items: &Items<'_>) -> Result<Option<Self>, DecodeError> {
        let beside = |item: u32| {
            items.referring(*b"auxl", item).find(|alpha| {
                let name = items.property(*alpha, *b"auxC").and_then(|data| data.get(4..)).unwrap_or_default();
                ALPHA.contains(&name.split(|b| *b == 0).next().unwrap_or_default())
            })
        };
        if let Some(alpha) = beside(self.item) {
            return Self::of(items, alpha).map(Some);
        }
        let tiles = self.coded.iter().map(|tile| beside(*tile)).collect::<Option<Vec<u32>>>();
        Ok(tiles.filter(|_| self.grid.is_some()).map(|coded| Self { item: coded[0], coded, grid: self.grid }))
    }

    /// The size of the whole, as the file states it.
    fn size(&self, items: &Items<'_>) -> Option<Size> {
        self.grid.map(|grid| grid.size).or_else(|| size(items, self.item))
    }

    fn decoded(&self, items: &Items<'_>, limits: Limits, work: &mut WorkCounter) -> Result<Frame, DecodeError> {
        let Some(grid) = self.grid else { return decoded(items, self.item, limits, work) };
        check_pixels(grid.size, limits)?;
        let needed = grid.size.pixels().saturating_mul(GRID_BYTES);
        check_memory(grid.size, needed, limits)?;
        let limits = Limits { memory: limits.memory - needed, ..limits };
        let mut joining = Joining::new(grid);
        WorkCounter::new(items.bytes(), limits).count(Size::new(1, self.coded.len()), TILE_PASSES)?;
        for tile in &self.coded {
            if size(items, *tile).is_none_or(|size| !grid.is_covered_by(size)) {
                return Err(DecodeError::Samples(UnsupportedSamples::AvifGrid));
            }
            joining.push(&decoded(items, *tile, limits, work)?)?;
        }
        joining.finish()
    }
}

/// The size that the file states of an item.
fn size(items: &Items<'_>, item: u32) -> Option<Size> {
    let data = items.property(item, *b"ispe")?;
    let side = |at: usize| Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?) as usize);
    Some(Size::new(side(4)?, side(8)?))
}

/// Decodes an item that is a coded picture.
fn decoded(items: &Items<'_>, item: u32, limits: Limits, work: &mut WorkCounter) -> Result<Frame, DecodeError> {
    let size = size(items, item).ok_or(DecodeError::Truncated)?;
    check_pixels(size, limits)?;
    // Planes of 16 bits, those that the decoder works on, and the samples of 16 bits that become of them, alpha too.
    let needed = size.pixels().saturating_mul(28);
    check_memory(size, needed, limits)?;
    let data = items.data(item).filter(|data| !data.is_empty()).ok_or(DecodeError::Truncated)?;
    // Frames that are not shown come before the one that is.
    work.count(size, stream::frames(&data).saturating_sub(1).saturating_mul(CODED_PASSES))?;
    let frame = Frame::of(&decoder::decode(data.into(), size, needed, limits)?);
    if frame.size != size {
        return Err(DecodeError::Samples(UnsupportedSamples::AvifSize));
    }
    Ok(frame)
}

/// How samples stand for colors: by the file, of the whole or of its first tile, or else by the coded picture.
fn coding(items: &Items<'_>, parts: &Parts, frame: &Frame) -> Coding {
    let of = |item: u32| {
        items.properties(item).filter(|(kind, _)| kind == b"colr").find_map(|(_, data)| {
            let rest = data.strip_prefix(b"nclx")?;
            let matrix = u16::from_be_bytes(*rest.get(4..)?.first_chunk()?);
            Some((matrix, rest.get(6)? & 0x80 != 0))
        })
    };
    let first = parts.coded[0];
    let (matrix, full) = of(parts.item).or_else(|| of(first)).unwrap_or_else(|| {
        /// Not specified.
        const UNKNOWN: u16 = 2;
        let matrix = items.data(first).and_then(|data| stream::matrix(&data)).unwrap_or(UNKNOWN);
        (matrix, frame.full)
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
    items.referred(*b"cdsc", item).any(|to| Some(to) == items.primary)
}

/// How the picture is to be turned: first by quarters against the clock, then mirrored. What Exif says does not count.
fn orientation(items: &Items<'_>) -> Orientation {
    let first = |kind| items.primary.and_then(|primary| items.property(primary, kind)).and_then(|data| data.first());
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
