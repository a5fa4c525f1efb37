//! Fields of the two headers, by Microsoft's BITMAPFILEHEADER and BITMAPINFOHEADER to BITMAPV5HEADER. All numbers are
//! little-endian.

/// The first bytes of a file.
pub(super) const SIGNATURE: &[u8] = b"BM";
/// Where the first header says where the pixels begin.
pub(super) const PIXELS: usize = 10;
/// Where the second header states its own size; those of at least `INFO_HEADER` bytes have the fields below.
pub(super) const HEADER_SIZE: usize = 14;
/// Sizes of the second header: BITMAPINFOHEADER, and its successors with three masks, with a fourth for alpha, and with
/// statements of the color space.
pub(super) const INFO_HEADER: u32 = 40;
pub(super) const MASKS_HEADER: u32 = 52;
pub(super) const ALPHA_HEADER: u32 = 56;
pub(super) const V4_HEADER: u32 = 108;
pub(super) const V5_HEADER: u32 = 124;
/// Sizes of the second header of OS/2 2.x: the whole of it, and what ends with the bits a pixel.
pub(super) const OS2_HEADER: u32 = 64;
pub(super) const SHORT_OS2_HEADER: u32 = 16;

pub(super) const WIDTH: usize = 18;
/// Negative if the top row comes first.
pub(super) const HEIGHT: usize = 22;
pub(super) const PLANES: usize = 26;
/// Bits a pixel.
pub(super) const BITS: usize = 28;
pub(super) const COMPRESSION: usize = 30;
/// Pixels a metre, across and down.
pub(super) const DENSITY: [usize; 2] = [38, 42];
/// Colors of the palette; 0 for as many as there are indices.
pub(super) const COLORS: usize = 46;
/// Masks of red, green, blue and alpha.
pub(super) const MASKS: [usize; 4] = [54, 58, 62, 66];

/// Kinds of compression: none, runs of indices of 8 and 4 bits, and none with masks.
pub(super) const UNCOMPRESSED: u32 = 0;
pub(super) const RLE8: u32 = 1;
pub(super) const RLE4: u32 = 2;
pub(super) const BIT_FIELDS: u32 = 3;
/// Kinds of compression in headers of OS/2.
pub(super) const HUFFMAN: u32 = 3;
pub(super) const RLE24: u32 = 4;
/// The masks of pixels whose bytes are blue, green, red, alpha.
pub(super) const BGRA_MASKS: [u32; 4] = [0x00FF_0000, 0x0000_FF00, 0x0000_00FF, 0xFF00_0000];
/// The color space sRGB, 'sRGB' as a number.
pub(super) const SRGB: u32 = 0x7352_4742;

/// Bytes of a color of the palette: blue, green, red, and one without meaning.
pub(super) const PALETTE_COLOR: usize = 4;
/// Bits a pixel of pictures with palettes, at most.
pub(super) const PALETTE_BITS: u16 = 8;
/// Rows begin at multiples of so many bytes.
pub(super) const ALIGNMENT: u64 = 4;
