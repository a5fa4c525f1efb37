//! The order of bytes in TIFF structures: TIFF files and Exif blocks.

/// The order of the bytes of a number, which the first two bytes of a TIFF structure name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// The beginning of a TIFF structure of 32-bit offsets: the order, and a version of 42.
    pub(crate) fn signature(self) -> [u8; 4] {
        match self {
            Self::Little => *b"II*\0",
            Self::Big => *b"MM\0*",
        }
    }

    pub(crate) fn u16(self, v: u16) -> [u8; 2] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    pub(crate) fn u32(self, v: u32) -> [u8; 4] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    pub(crate) fn u64(self, v: u64) -> [u8; 8] {
        match self {
            Self::Little => v.to_le_bytes(),
            Self::Big => v.to_be_bytes(),
        }
    }

    /// A number of 2, 4 or 8 bytes.
    pub(crate) fn number(self, bytes: &[u8]) -> Option<u64> {
        let wide = match bytes.len() {
            2 | 4 | 8 => bytes.iter(),
            _ => return None,
        };
        let digit = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self == Self::Big { wide.fold(0, digit) } else { wide.rev().fold(0, digit) })
    }

    pub(crate) fn short(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub(crate) fn long(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }
}
