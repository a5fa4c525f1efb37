//! The tags that change what the samples of a TIFF file mean, and how each is taken: heeded, refused by name, or passed over with
//! a note.

use super::compression::{self, GROUP_3, GROUP_4, UNCOMPRESSED};
use super::directories::Directories;
use super::layout::{
    BLACK_IS_ZERO, CMYK, COREL_UNASSOCIATED, DIFFERENCES, FLOAT, FLOAT_DIFFERENCES, PALETTE, RGB, SIGNED, UNASSOCIATED,
    WHITE_IS_ZERO, YCBCR,
};
use crate::decode_error::DecodeError;
use crate::metadata::tags::{
    BITS_PER_SAMPLE, CFA_DIMENSIONS, CFA_PATTERN, COMPRESSION, DOT_RANGE, EXTRA_SAMPLES, FILL_ORDER,
    GREY_RESPONSE_CURVE, IMAGE_DEPTH, INDEXED, INK_SET, NUMBER_OF_INKS, PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION, PREDICTOR, REFERENCE_BLACK_WHITE, SAMPLE_FORMAT, SAMPLES_PER_PIXEL, STRIP_ROW_COUNTS,
    T4_OPTIONS, T6_OPTIONS, TRANSFER_FUNCTION, TRANSFER_RANGE, YCC_COEFFICIENTS, YCC_POSITIONING, YCC_SUBSAMPLING,
};
use crate::unsupported::UnsupportedSamples;

/// How the value of a tag is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Heeded,
    Refused,
    /// Passed over, as other programs do, and said.
    Noted,
}

/// Three bits of options.
const T4_KNOWN: [u32; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

struct Rule {
    tag: u16,
    name: &'static str,
    /// Asked only if the tag is there.
    verdict: fn(&Described<'_>, u16) -> Verdict,
}

/// Every tag that changes what samples mean. Of those that are not here some say where samples lie (the decoder's business), the
/// others nothing of samples.
const RULES: &[Rule] = &[
    Rule { tag: PHOTOMETRIC_INTERPRETATION, name: "PhotometricInterpretation", verdict: |d, _| d.photometric() },
    // By `Patched`, before decompression.
    Rule { tag: FILL_ORDER, name: "FillOrder", verdict: |d, tag| d.all_are(tag, &[1, 2]) },
    // By `planes`.
    Rule { tag: PLANAR_CONFIGURATION, name: "PlanarConfiguration", verdict: |d, tag| d.all_are(tag, &[1, 2]) },
    Rule { tag: PREDICTOR, name: "Predictor", verdict: |d, tag| d.predictor(tag) },
    // No program has them matter. (The curve is for densitometry; the function describes RGB's light.)
    Rule { tag: GREY_RESPONSE_CURVE, name: "GrayResponseCurve", verdict: |_, _| Verdict::Noted },
    Rule { tag: TRANSFER_FUNCTION, name: "TransferFunction", verdict: |_, _| Verdict::Noted },
    Rule { tag: TRANSFER_RANGE, name: "TransferRange", verdict: |_, _| Verdict::Noted },
    // Whether rows have two dimensions, or zeros before their marks, `expanded` asks; uncompressed pieces it refuses.
    Rule { tag: T4_OPTIONS, name: "T4Options", verdict: |d, tag| d.if_(d.compression == GROUP_3, tag, &T4_KNOWN) },
    // Of these options only uncompressed pieces are possible, which the decoder refuses where they come.
    Rule { tag: T6_OPTIONS, name: "T6Options", verdict: |d, tag| d.if_(d.compression == GROUP_4, tag, &[0, 2]) },
    Rule { tag: INK_SET, name: "InkSet", verdict: |d, tag| d.if_(d.photometric == CMYK, tag, &[1]) },
    Rule { tag: NUMBER_OF_INKS, name: "NumberOfInks", verdict: |d, tag| d.if_(d.photometric == CMYK, tag, &[4]) },
    Rule { tag: DOT_RANGE, name: "DotRange", verdict: |d, tag| d.dot_range(tag) },
    Rule {
        tag: EXTRA_SAMPLES,
        name: "ExtraSamples",
        verdict: |d, tag| d.all_are(tag, &[0, 1, UNASSOCIATED.into(), COREL_UNASSOCIATED.into()]),
    },
    Rule { tag: SAMPLE_FORMAT, name: "SampleFormat", verdict: |d, tag| d.sample_format(tag) },
    Rule { tag: INDEXED, name: "Indexed", verdict: |d, tag| d.if_(d.photometric != PALETTE, tag, &[0]) },
    // By `ycc`, but for JPEG, where they are what JPEG has them be.
    Rule { tag: YCC_COEFFICIENTS, name: "YCbCrCoefficients", verdict: |_, _| Verdict::Heeded },
    Rule { tag: YCC_SUBSAMPLING, name: "YCbCrSubSampling", verdict: |d, tag| d.subsampling(tag) },
    Rule { tag: YCC_POSITIONING, name: "YCbCrPositioning", verdict: |_, _| Verdict::Heeded },
    Rule { tag: REFERENCE_BLACK_WHITE, name: "ReferenceBlackWhite", verdict: |d, tag| d.reference(tag) },
    Rule { tag: STRIP_ROW_COUNTS, name: "StripRowCounts", verdict: |_, _| Verdict::Refused },
    Rule { tag: IMAGE_DEPTH, name: "ImageDepth", verdict: |d, tag| d.all_are(tag, &[1]) },
    Rule { tag: CFA_DIMENSIONS, name: "CFARepeatPatternDim", verdict: |d, _| d.mosaic() },
    Rule { tag: CFA_PATTERN, name: "CFAPattern", verdict: |d, _| d.mosaic() },
];

/// Refuses samples that would come out wrong. Whether there is something that is passed over.
///
/// # Errors
/// [`DecodeError::Samples`], naming the tag.
pub(super) fn check(directories: &Directories) -> Result<bool, DecodeError> {
    let described = Described::new(directories);
    compression::check(described.compression)?;
    // Without the tag, chroma is half as wide and high.
    if !directories.has(YCC_SUBSAMPLING) && described.needs_whole_chroma() {
        let (tag, name, value) = (YCC_SUBSAMPLING, "YCbCrSubSampling", Some(2));
        return Err(DecodeError::Samples(UnsupportedSamples::TiffTag { tag, name, value }));
    }
    let mut noted = false;
    for Rule { tag, name, verdict } in RULES.iter().filter(|rule| directories.has(rule.tag)) {
        match verdict(&described, *tag) {
            Verdict::Heeded => {}
            Verdict::Noted => noted = true,
            Verdict::Refused if *tag == PHOTOMETRIC_INTERPRETATION => {
                return Err(DecodeError::Samples(UnsupportedSamples::Photometric(described.photometric)));
            }
            Verdict::Refused => {
                let value = directories.number(*tag);
                return Err(DecodeError::Samples(UnsupportedSamples::TiffTag { tag: *tag, name, value }));
            }
        }
    }
    Ok(noted)
}

/// What rules depend on.
struct Described<'a> {
    directories: &'a Directories,
    photometric: u16,
    compression: u16,
    samples: u32,
    bits: u32,
}

impl<'a> Described<'a> {
    fn new(directories: &'a Directories) -> Self {
        let number = |tag, default| directories.number(tag).unwrap_or(default);
        Self {
            directories,
            photometric: number(PHOTOMETRIC_INTERPRETATION, WHITE_IS_ZERO.into()) as u16,
            compression: number(COMPRESSION, UNCOMPRESSED.into()) as u16,
            samples: number(SAMPLES_PER_PIXEL, 1),
            bits: number(BITS_PER_SAMPLE, 1),
        }
    }

    fn all_are(&self, tag: u16, values: &[u32]) -> Verdict {
        match self.directories.numbers(tag) {
            Some(numbers) if numbers.iter().all(|number| values.contains(number)) => Verdict::Heeded,
            _ => Verdict::Refused,
        }
    }

    /// Under a condition only these values.
    fn if_(&self, condition: bool, tag: u16, values: &[u32]) -> Verdict {
        if condition { self.all_are(tag, values) } else { Verdict::Heeded }
    }

    fn photometric(&self) -> Verdict {
        match self.photometric {
            WHITE_IS_ZERO | BLACK_IS_ZERO | RGB | PALETTE | CMYK | YCBCR => Verdict::Heeded,
            _ => Verdict::Refused,
        }
    }

    fn predictor(&self, tag: u16) -> Verdict {
        let allowed: &[u32] = match self.bits {
            // Differences are between whole samples.
            8 | 16 | 32 | 64 => &[1, DIFFERENCES as u32, FLOAT_DIFFERENCES as u32],
            _ => &[1],
        };
        self.if_(compression::has_predictor(self.compression), tag, allowed)
    }

    /// One for all samples. Signed integers are grey or RGB alone, of whole bytes.
    fn sample_format(&self, tag: u16) -> Verdict {
        /// Unsigned, signed, floating point, and unknown, which is taken as unsigned.
        const FORMATS: [u32; 4] = [1, SIGNED as u32, FLOAT as u32, 4];
        let formats = self.directories.numbers(tag).unwrap_or_default();
        let colors = if self.photometric == RGB { 3 } else { 1 };
        let is_plain = matches!(self.photometric, RGB | WHITE_IS_ZERO | BLACK_IS_ZERO)
            && self.samples == colors
            && matches!(self.bits, 8 | 16 | 32);
        match formats.first() {
            Some(first) if !FORMATS.contains(first) || formats.iter().any(|format| format != first) => Verdict::Refused,
            Some(first) if *first == u32::from(SIGNED) && !is_plain => Verdict::Refused,
            Some(_) => Verdict::Heeded,
            None => Verdict::Refused,
        }
    }

    /// Inks from none to all, a pair of numbers for all or for each.
    fn dot_range(&self, tag: u16) -> Verdict {
        let full = 1_u64.checked_shl(self.bits).map_or(u32::MAX, |values| (values - 1) as u32);
        let range = self.directories.numbers(tag).unwrap_or_default();
        let whole = range.as_chunks::<2>().0.iter().all(|pair| *pair == [0, full]);
        if self.photometric != CMYK || whole { Verdict::Heeded } else { Verdict::Refused }
    }

    /// Whether chroma must be as large as luma: planes of different sizes are not read, and of samples next to each other only
    /// JPEG's.
    fn needs_whole_chroma(&self) -> bool {
        let is_planar = self.directories.number(PLANAR_CONFIGURATION) == Some(2);
        self.photometric == YCBCR && (!compression::is_jpeg(self.compression) || is_planar)
    }

    fn subsampling(&self, tag: u16) -> Verdict {
        self.if_(self.needs_whole_chroma(), tag, &[1])
    }

    /// In other color spaces than YCbCr only what is so without the tag: the whole range.
    fn reference(&self, tag: u16) -> Verdict {
        let full = 2_f64.powi(self.bits as i32) - 1.0;
        let values = self.directories.fractions(tag).unwrap_or_default();
        match self.photometric {
            YCBCR if compression::is_jpeg(self.compression) || values.len() == 6 => Verdict::Heeded,
            RGB | WHITE_IS_ZERO | BLACK_IS_ZERO
                if !values.as_chunks::<2>().0.iter().all(|pair| *pair == [0.0, full]) =>
            {
                Verdict::Refused
            }
            YCBCR => Verdict::Refused,
            _ => Verdict::Heeded,
        }
    }

    /// A grey picture that is one of colors behind filters.
    fn mosaic(&self) -> Verdict {
        if self.samples == 1 { Verdict::Refused } else { Verdict::Heeded }
    }
}
