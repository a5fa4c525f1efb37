//! Tags and kinds of entries of TIFF structures (TIFF 6.0, Exif 2.32, BigTIFF), by their numbers.

pub(crate) const NEW_SUBFILE_TYPE: u16 = 0xFE;
pub(crate) const SUBFILE_TYPE: u16 = 0xFF;
pub(crate) const IMAGE_WIDTH: u16 = 0x100;
pub(crate) const IMAGE_LENGTH: u16 = 0x101;
pub(crate) const BITS_PER_SAMPLE: u16 = 0x102;
pub(crate) const COMPRESSION: u16 = 0x103;
pub(crate) const PHOTOMETRIC_INTERPRETATION: u16 = 0x106;
pub(crate) const FILL_ORDER: u16 = 0x10A;
pub(crate) const DOCUMENT_NAME: u16 = 0x10D;
pub(crate) const IMAGE_DESCRIPTION: u16 = 0x10E;
pub(crate) const MAKE: u16 = 0x10F;
pub(crate) const MODEL: u16 = 0x110;
pub(crate) const STRIP_OFFSETS: u16 = 0x111;
pub(crate) const ORIENTATION: u16 = 0x112;
pub(crate) const SAMPLES_PER_PIXEL: u16 = 0x115;
pub(crate) const ROWS_PER_STRIP: u16 = 0x116;
pub(crate) const STRIP_BYTE_COUNTS: u16 = 0x117;
pub(crate) const X_RESOLUTION: u16 = 0x11A;
pub(crate) const Y_RESOLUTION: u16 = 0x11B;
pub(crate) const PLANAR_CONFIGURATION: u16 = 0x11C;
pub(crate) const PAGE_NAME: u16 = 0x11D;
pub(crate) const GREY_RESPONSE_CURVE: u16 = 0x123;
pub(crate) const T4_OPTIONS: u16 = 0x124;
pub(crate) const T6_OPTIONS: u16 = 0x125;
pub(crate) const RESOLUTION_UNIT: u16 = 0x128;
pub(crate) const TRANSFER_FUNCTION: u16 = 0x12D;
pub(crate) const SOFTWARE: u16 = 0x131;
pub(crate) const DATE_TIME: u16 = 0x132;
pub(crate) const ARTIST: u16 = 0x13B;
pub(crate) const HOST_COMPUTER: u16 = 0x13C;
pub(crate) const PREDICTOR: u16 = 0x13D;
pub(crate) const COLOR_MAP: u16 = 0x140;
pub(crate) const TILE_WIDTH: u16 = 0x142;
pub(crate) const TILE_LENGTH: u16 = 0x143;
pub(crate) const TILE_OFFSETS: u16 = 0x144;
pub(crate) const TILE_BYTE_COUNTS: u16 = 0x145;
pub(crate) const INK_SET: u16 = 0x14C;
pub(crate) const NUMBER_OF_INKS: u16 = 0x14E;
pub(crate) const DOT_RANGE: u16 = 0x150;
pub(crate) const EXTRA_SAMPLES: u16 = 0x152;
pub(crate) const SAMPLE_FORMAT: u16 = 0x153;
pub(crate) const TRANSFER_RANGE: u16 = 0x156;
/// Indexed (TIFF Technical Note 2): samples are indices, whatever the photometric interpretation is.
pub(crate) const INDEXED: u16 = 0x15A;
/// JPEGInterchangeFormat: where a thumbnail in JPEG begins.
pub(crate) const THUMBNAIL_OFFSET: u16 = 0x201;
/// JPEGInterchangeFormatLength.
pub(crate) const THUMBNAIL_LENGTH: u16 = 0x202;
/// Tags of JPEG as TIFF 6.0 first had it (section 22).
pub(crate) const JPEG_PROCESS: u16 = 0x200;
pub(crate) const JPEG_RESTART_INTERVAL: u16 = 0x203;
pub(crate) const JPEG_QUANTISATION_TABLES: u16 = 0x207;
pub(crate) const JPEG_DC_TABLES: u16 = 0x208;
pub(crate) const JPEG_AC_TABLES: u16 = 0x209;
pub(crate) const YCC_COEFFICIENTS: u16 = 0x211;
pub(crate) const YCC_SUBSAMPLING: u16 = 0x212;
pub(crate) const YCC_POSITIONING: u16 = 0x213;
pub(crate) const REFERENCE_BLACK_WHITE: u16 = 0x214;
/// StripRowCounts (TIFF-FX): strips of different heights.
pub(crate) const STRIP_ROW_COUNTS: u16 = 0x22F;
/// A packet of XMP.
pub(crate) const XMP: u16 = 0x2BC;
pub(crate) const RATING: u16 = 0x4746;
pub(crate) const RATING_PERCENT: u16 = 0x4749;
/// ImageDepth (SGI): slices of a volume.
pub(crate) const IMAGE_DEPTH: u16 = 0x80E5;
/// CFARepeatPatternDim and CFAPattern (TIFF/EP): samples behind a mosaic of color filters.
pub(crate) const CFA_DIMENSIONS: u16 = 0x828D;
pub(crate) const CFA_PATTERN: u16 = 0x828E;
pub(crate) const COPYRIGHT: u16 = 0x8298;
pub(crate) const IPTC: u16 = 0x83BB;
pub(crate) const EXIF_DIRECTORY: u16 = 0x8769;
pub(crate) const ICC_PROFILE: u16 = 0x8773;
pub(crate) const GPS_DIRECTORY: u16 = 0x8825;
pub(crate) const WINDOWS_TITLE: u16 = 0x9C9B;
pub(crate) const WINDOWS_COMMENT: u16 = 0x9C9C;
pub(crate) const WINDOWS_AUTHOR: u16 = 0x9C9D;
pub(crate) const WINDOWS_KEYWORDS: u16 = 0x9C9E;
pub(crate) const WINDOWS_SUBJECT: u16 = 0x9C9F;
pub(crate) const PIXEL_X_DIMENSION: u16 = 0xA002;
pub(crate) const PIXEL_Y_DIMENSION: u16 = 0xA003;
pub(crate) const INTEROPERABILITY_DIRECTORY: u16 = 0xA005;

pub(crate) const BYTE: u16 = 1;
pub(crate) const ASCII: u16 = 2;
pub(crate) const SHORT: u16 = 3;
pub(crate) const LONG: u16 = 4;
pub(crate) const RATIONAL: u16 = 5;
pub(crate) const SIGNED_BYTE: u16 = 6;
pub(crate) const UNDEFINED: u16 = 7;
pub(crate) const SIGNED_SHORT: u16 = 8;
pub(crate) const SIGNED_LONG: u16 = 9;
pub(crate) const SIGNED_RATIONAL: u16 = 10;
pub(crate) const FLOAT: u16 = 11;
pub(crate) const DOUBLE: u16 = 12;
/// The place of a directory.
pub(crate) const IFD: u16 = 13;
/// A number of 64 bits (BigTIFF).
pub(crate) const LONG8: u16 = 16;
/// The place of a directory in 64 bits (BigTIFF).
pub(crate) const IFD8: u16 = 18;

/// ResolutionUnit: only the shape of a pixel is known.
pub(crate) const UNIT_NONE: u16 = 1;
pub(crate) const UNIT_INCH: u16 = 2;
pub(crate) const UNIT_CENTIMETRE: u16 = 3;

/// Bytes of a value of a kind; none for kinds that Exif does not have.
pub(crate) fn size_of_kind(kind: u16) -> Option<usize> {
    Some(match kind {
        BYTE | ASCII | SIGNED_BYTE | UNDEFINED => 1,
        SHORT | SIGNED_SHORT => 2,
        LONG | SIGNED_LONG | FLOAT | IFD => 4,
        RATIONAL | SIGNED_RATIONAL | DOUBLE => 8,
        _ => return None,
    })
}
