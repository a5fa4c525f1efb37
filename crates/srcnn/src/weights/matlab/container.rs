//! MATLAB 5 MAT-files: numeric arrays, plain or compressed, of either byte order.
//!
//! After a header of 128 bytes come elements: a tag (type, bytes) and data padded to eight bytes; small ones keep data of
//! up to four bytes in the tag. An array element holds its flags, dimensions, name and values as elements of its own.
//! Numbers and layout are those of MathWorks, "MAT-File Format", level 5. Memory is bounded by the file's size.

use std::io::Read;

/// A real numeric array, values column-major.
pub(super) struct Array {
    pub(super) name: String,
    pub(super) dims: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// Why the elements of a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContainerError {
    #[error("it ends within its header")]
    HeaderCut,
    #[error("its header names no byte order")]
    ByteOrder,
    #[error("it ends within a tag")]
    TagCut,
    #[error("it ends within an element")]
    ElementCut,
    #[error("it ends within a small element")]
    SmallElementCut,
    #[error("a small element is too long")]
    SmallElementTooLong,
    #[error("compressed data: {0}")]
    Inflate(std::io::Error),
    #[error("compressed data grows beyond all measure")]
    CompressedGrowth,
    #[error("its numbers grow beyond all measure")]
    NumbersGrowth,
    #[error("`{name}` has values of unknown type {kind}")]
    ValueType { name: String, kind: u32 },
    #[error("`{name}` has {found} values for shape {dims:?}")]
    ValueCount { name: String, found: usize, dims: Vec<usize> },
}

const HEADER: usize = 128;
/// Place of the byte order in the header: the characters `MI`, as the writing machine stores them.
const BYTE_ORDER: usize = 126;
/// Bytes of a tag, of a small element, and the unit of padding.
const TAG: usize = 8;
/// Bytes of data that a small element has room for.
const SMALL: usize = 4;

// Types of elements.
const MI_INT8: u32 = 1;
const MI_UINT8: u32 = 2;
const MI_INT16: u32 = 3;
const MI_UINT16: u32 = 4;
const MI_INT32: u32 = 5;
const MI_UINT32: u32 = 6;
const MI_SINGLE: u32 = 7;
const MI_DOUBLE: u32 = 9;
const MI_INT64: u32 = 12;
const MI_UINT64: u32 = 13;
const MI_MATRIX: u32 = 14;
const MI_COMPRESSED: u32 = 15;

// Array flags: the class in the lowest byte; numeric classes run from double and single over the integers of 8 to 64 bits.
const CLASS_MASK: u32 = 0xFF;
const MX_DOUBLE_CLASS: u32 = 6;
const MX_UINT64_CLASS: u32 = 15;
const COMPLEX_FLAG: u32 = 0x800;

/// Unpacked data and floats may take this many times the file's size, and this many bytes more. (Numbers of eight bytes,
/// hardly compressible, take one and a half times.)
const MAX_GROWTH: usize = 6;
const MAX_GROWTH_BYTES: usize = 64 << 10;

/// Every real numeric array of the file. Cells, structures, texts and the like are skipped.
pub(super) fn arrays(bytes: &[u8]) -> Result<Vec<Array>, ContainerError> {
    let header = bytes.get(..HEADER).ok_or(ContainerError::HeaderCut)?;
    let big_endian = match &header[BYTE_ORDER..] {
        b"IM" => false,
        b"MI" => true,
        _ => return Err(ContainerError::ByteOrder),
    };
    let mut reader = Elements { rest: &bytes[HEADER..], big_endian };
    let mut arrays = Vec::new();
    let mut budget = bytes.len().saturating_mul(MAX_GROWTH).saturating_add(MAX_GROWTH_BYTES);
    while !reader.rest.is_empty() {
        let (kind, data) = reader.unpadded()?;
        match kind {
            MI_MATRIX => arrays.extend(array(data, big_endian, &mut budget)?),
            MI_COMPRESSED => {
                let plain = inflate(data, budget)?;
                budget -= plain.len();
                let (kind, data) = Elements { rest: &plain, big_endian }.padded()?;
                if kind == MI_MATRIX {
                    arrays.extend(array(data, big_endian, &mut budget)?);
                }
            }
            _ => {}
        }
    }
    Ok(arrays)
}

fn inflate(data: &[u8], budget: usize) -> Result<Vec<u8>, ContainerError> {
    let mut plain = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(data).take(budget as u64 + 1);
    decoder.read_to_end(&mut plain).map_err(ContainerError::Inflate)?;
    if plain.len() > budget { Err(ContainerError::CompressedGrowth) } else { Ok(plain) }
}

/// A walk over elements.
struct Elements<'a> {
    rest: &'a [u8],
    big_endian: bool,
}

impl<'a> Elements<'a> {
    fn word(&self, at: usize) -> Result<u32, ContainerError> {
        let bytes = self.rest.get(at..).and_then(<[u8]>::first_chunk).ok_or(ContainerError::TagCut)?;
        Ok(word(*bytes, self.big_endian))
    }

    /// Type and data of the next element; its padding is skipped.
    fn padded(&mut self) -> Result<(u32, &'a [u8]), ContainerError> {
        self.take(TAG)
    }

    /// As [`Self::padded`], at the outermost level, where compressed elements have no padding.
    fn unpadded(&mut self) -> Result<(u32, &'a [u8]), ContainerError> {
        self.take(1)
    }

    fn take(&mut self, alignment: usize) -> Result<(u32, &'a [u8]), ContainerError> {
        let first = self.word(0)?;
        // Small elements have their size in the upper half of the first word, which large ones leave zero.
        if first >> 16 != 0 {
            let size = (first >> 16) as usize;
            let data = self.rest.get(4..4 + size).filter(|_| size <= SMALL);
            let data = data.ok_or(ContainerError::SmallElementTooLong)?;
            self.rest = self.rest.get(TAG..).ok_or(ContainerError::SmallElementCut)?;
            return Ok((first & 0xFFFF, data));
        }
        let size = self.word(4)? as usize;
        let data = self.rest[TAG..].get(..size).ok_or(ContainerError::ElementCut)?;
        let end = (TAG + size).next_multiple_of(alignment).min(self.rest.len());
        self.rest = &self.rest[end..];
        Ok((first, data))
    }
}

fn word(bytes: [u8; 4], big_endian: bool) -> u32 {
    if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
}

/// The array in a matrix element, if it is real and numeric.
fn array(data: &[u8], big_endian: bool, budget: &mut usize) -> Result<Option<Array>, ContainerError> {
    if data.is_empty() {
        return Ok(None);
    }
    let mut parts = Elements { rest: data, big_endian };
    let (_, flags) = parts.padded()?;
    let flags = Elements { rest: flags, big_endian }.word(0)?;
    let numeric = (MX_DOUBLE_CLASS..=MX_UINT64_CLASS).contains(&(flags & CLASS_MASK));
    if !numeric || flags & COMPLEX_FLAG != 0 {
        return Ok(None);
    }
    let (_, dims) = parts.padded()?;
    let dims: Vec<usize> = dims.as_chunks::<4>().0.iter().map(|b| word(*b, big_endian) as usize).collect();
    let (_, name) = parts.padded()?;
    let name = String::from_utf8_lossy(name).into_owned();
    let (kind, data) = parts.padded()?;
    let floats = data.len() / storage_size(kind) * size_of::<f32>();
    *budget = budget.checked_sub(floats).ok_or(ContainerError::NumbersGrowth)?;
    let Some(values) = numbers(kind, data, big_endian) else {
        return Err(ContainerError::ValueType { name, kind });
    };
    let expected = dims.iter().try_fold(1usize, |product, &n| product.checked_mul(n));
    if expected != Some(values.len()) {
        return Err(ContainerError::ValueCount { name, found: values.len(), dims });
    }
    Ok(Some(Array { name, dims, values }))
}

/// Bytes of a value of a numeric storage type.
fn storage_size(kind: u32) -> usize {
    match kind {
        MI_INT16 | MI_UINT16 => 2,
        MI_INT32 | MI_UINT32 | MI_SINGLE => 4,
        MI_DOUBLE | MI_INT64 | MI_UINT64 => 8,
        _ => 1,
    }
}

/// Values of any numeric storage type: MATLAB stores whole numbers in the smallest that holds them.
fn numbers(kind: u32, data: &[u8], big_endian: bool) -> Option<Vec<f32>> {
    macro_rules! read {
        ($t:ty) => {{
            let values = data.as_chunks::<{ size_of::<$t>() }>().0.iter();
            values.map(|b| if big_endian { <$t>::from_be_bytes(*b) } else { <$t>::from_le_bytes(*b) } as f32).collect()
        }};
    }
    Some(match kind {
        MI_INT8 => read!(i8),
        MI_UINT8 => read!(u8),
        MI_INT16 => read!(i16),
        MI_UINT16 => read!(u16),
        MI_INT32 => read!(i32),
        MI_UINT32 => read!(u32),
        MI_SINGLE => read!(f32),
        MI_DOUBLE => read!(f64),
        MI_INT64 => read!(i64),
        MI_UINT64 => read!(u64),
        _ => return None,
    })
}
