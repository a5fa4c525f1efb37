//! Patches and splines of a frame (ISO/IEC 18181-1, C.4.5 and C.4.6), counted before the decoder keeps and draws them: a few bits may
//! stand for millions.

use jxl_bitstream::Bitstream;
use jxl_coding::Decoder;
use jxl_frame::FrameHeader;
use jxl_frame::data::Splines;
use jxl_oxide::ImageHeader;
use jxl_oxide_common::Bundle;

use srcnn_image::Size;

use super::cost::Cost;
use crate::decode_error::DecodeError;

/// Distributions of the entropy-coded streams of patches and of splines.
const PATCH_DISTRIBUTIONS: u32 = 10;
const SPLINE_DISTRIBUTIONS: u32 = 6;
/// Those of the numbers of patches: how many; reference frame, sides and corner of one; how many places it is put at; first place, and
/// the way to the next one; how a channel is blended, by which alpha, and whether it is clamped.
const PATCHES: u32 = 0;
const REFERENCE: u32 = 1;
const SIDES: u32 = 2;
const CORNER: u32 = 3;
const FIRST_PLACE: u32 = 4;
const MODE: u32 = 5;
const NEXT_PLACE: u32 = 6;
const PLACES: u32 = 7;
const ALPHA: u32 = 8;
const CLAMP: u32 = 9;
/// That of the number of splines.
const SPLINES: u32 = 2;
/// The first ways of blending that are clamped or not, and that need an alpha.
const FIRST_CLAMPED: u32 = 3;
const FIRST_WITH_ALPHA: u32 = 4;

/// Bytes that the decoder keeps of a patch, of each of its places, and of how a channel is blended there; and of a spline.
const PATCH_BYTES: u64 = 80;
const PLACE_BYTES: u64 = 80;
const BLENDING_BYTES: u64 = 16;
const SPLINE_BYTES: u64 = 1 << 10;
/// Passes over a pixel that a pixel of a spline is counted as, since it takes functions that are slow.
const SPLINE_PASSES: u64 = 8;

/// Why counting stops.
enum Stop {
    /// The data are damaged; the decoder will say how.
    Damaged,
    Refused(DecodeError),
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Refused(error)
    }
}

/// Counts the patches and splines of a frame, whose data begin with `data`.
///
/// # Errors
/// [`Cost`]'s.
pub(super) fn count(
    image: &ImageHeader,
    header: &FrameHeader,
    data: &[u8],
    cost: &mut Cost,
) -> Result<(), DecodeError> {
    let mut bits = Bitstream::new(data);
    let counted = (|| {
        if header.flags.patches() {
            patches(image, &mut bits, cost)?;
        }
        if header.flags.splines() {
            splines(header, &mut bits, cost)?;
        }
        Ok(())
    })();
    match counted {
        Err(Stop::Refused(error)) => Err(error),
        Err(Stop::Damaged) | Ok(()) => Ok(()),
    }
}

/// An entropy-coded stream whose numbers are looked at, and not kept.
struct Numbers<'b, 'd> {
    decoder: Decoder,
    bits: &'b mut Bitstream<'d>,
}

impl<'b, 'd> Numbers<'b, 'd> {
    fn new(bits: &'b mut Bitstream<'d>, distributions: u32) -> Result<Self, Stop> {
        let mut decoder = Decoder::parse(bits, distributions).map_err(|_| Stop::Damaged)?;
        decoder.begin(bits).map_err(|_| Stop::Damaged)?;
        Ok(Self { decoder, bits })
    }

    fn next(&mut self, distribution: u32) -> Result<u32, Stop> {
        self.decoder.read_varint(self.bits, distribution).map_err(|_| Stop::Damaged)
    }
}

fn patches(image: &ImageHeader, bits: &mut Bitstream<'_>, cost: &mut Cost) -> Result<(), Stop> {
    let extra = &image.metadata.ec_info;
    let alphas = extra.iter().filter(|channel| channel.is_alpha()).count();
    let channels = extra.len() as u64 + 1;
    let mut numbers = Numbers::new(bits, PATCH_DISTRIBUTIONS)?;
    for _ in 0..numbers.next(PATCHES)? {
        numbers.next(REFERENCE)?;
        for _ in 0..2 {
            numbers.next(CORNER)?;
        }
        let [width, height] = [numbers.next(SIDES)?, numbers.next(SIDES)?].map(|side| side as usize + 1);
        let places = u64::from(numbers.next(PLACES)?) + 1;
        cost.hold(PATCH_BYTES + places * (PLACE_BYTES + channels * BLENDING_BYTES))?;
        cost.pass(Size::new(width, height), places * channels)?;
        for place in 0..places {
            for _ in 0..2 {
                numbers.next(if place == 0 { FIRST_PLACE } else { NEXT_PLACE })?;
            }
            for _ in 0..channels {
                let mode = numbers.next(MODE)?;
                if mode >= FIRST_WITH_ALPHA && alphas >= 2 {
                    numbers.next(ALPHA)?;
                }
                if mode >= FIRST_CLAMPED {
                    numbers.next(CLAMP)?;
                }
            }
        }
    }
    Ok(())
}

fn splines(header: &FrameHeader, bits: &mut Bitstream<'_>, cost: &mut Cost) -> Result<(), Stop> {
    let mut ahead = bits.clone();
    let number = u64::from(Numbers::new(&mut ahead, SPLINE_DISTRIBUTIONS)?.next(SPLINES)?) + 1;
    cost.hold(number.saturating_mul(SPLINE_BYTES))?;
    let splines = Splines::parse(bits, header).map_err(|_| Stop::Damaged)?;
    for spline in &splines.quant_splines {
        cost.hold(spline.quant_points.len() as u64 * size_of::<(i64, i64)>() as u64)?;
        // The square of the width is about the sum of these (ISO/IEC 18181-1, C.4.6).
        let square = |number: i32| (1 + scaled(number.unsigned_abs().into(), splines.quant_adjust)).saturating_pow(2);
        let across: u64 = spline.sigma_dct.iter().map(|number| square(*number)).fold(0, u64::saturating_add);
        let area = across.saturating_mul(spline.manhattan_distance);
        cost.pass(Size::new(usize::try_from(area).unwrap_or(usize::MAX), 1), SPLINE_PASSES)?;
    }
    Ok(())
}

/// A quantised number at its scale, rounded up.
fn scaled(number: u64, adjust: i32) -> u64 {
    let by = u64::from(adjust.unsigned_abs());
    match adjust {
        0.. => (8 * number).div_ceil(8 + by),
        _ => number.saturating_add(number.saturating_mul(by).div_ceil(8)),
    }
}
