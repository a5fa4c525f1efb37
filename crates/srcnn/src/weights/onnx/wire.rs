//! The wire format of protocol buffers (protobuf.dev, "Encoding"): fields are read without copying, and written.

use super::error::WireError;

/// A tag is a field number above three bits of wire type.
const TYPE_BITS: u32 = 3;
const TYPE_MASK: u64 = (1 << TYPE_BITS) - 1;
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;
const FIXED32: u64 = 5;
/// A varint has seven bits a byte; this bit is set in all bytes but the last.
const CONTINUED: u8 = 0x80;
/// Nodes, names, attributes and tensors of a file together. A chain of convolutions has some hundred.
const MAX_PARTS: usize = 1 << 16;

/// Value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field<'a> {
    /// A number.
    Varint(u64),
    /// Four bytes.
    Fixed32([u8; 4]),
    /// Eight bytes.
    Fixed64([u8; 8]),
    /// Text, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    /// The bytes; empty for a number.
    pub(super) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Varint(_) | Self::Fixed32(_) | Self::Fixed64(_) => &[],
        }
    }

    /// The text; empty if it is not valid.
    pub(super) fn text(self) -> &'a str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }

    /// The varint; zero for other types.
    pub(super) fn int(self) -> i64 {
        match self {
            Self::Varint(value) => value as i64,
            Self::Fixed32(_) | Self::Fixed64(_) | Self::Bytes(_) => 0,
        }
    }
}

/// Iterator over the fields of a message: number and value.
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

/// Iterates over the fields of a message.
pub(super) fn fields(message: &[u8]) -> Fields<'_> {
    Fields { rest: message }
}

/// Varints of a field: a single one, or packed.
pub(super) fn varints(field: Field<'_>) -> impl Iterator<Item = Result<i64, WireError>> {
    let (single, mut packed) = match field {
        Field::Varint(value) => (Some(Ok(value as i64)), fields(&[])),
        Field::Bytes(bytes) => (None, fields(bytes)),
        Field::Fixed32(_) | Field::Fixed64(_) => (None, fields(&[])),
    };
    single.into_iter().chain(std::iter::from_fn(move || {
        if packed.rest.is_empty() {
            return None;
        }
        let value = packed.varint().map(|v| v as i64);
        if value.is_err() {
            packed.rest = &[];
        }
        Some(value)
    }))
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(WireError::NumberCut)?;
            self.rest = rest;
            value |= u64::from(byte & !CONTINUED) << shift;
            if byte & CONTINUED == 0 {
                return Ok(value);
            }
        }
        Err(WireError::NumberTooLong)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(WireError::FieldCut)?;
        self.rest = rest;
        Ok(taken)
    }

    fn field(&mut self) -> Result<(u64, Field<'a>), WireError> {
        let tag = self.varint()?;
        let field = match tag & TYPE_MASK {
            VARINT => Field::Varint(self.varint()?),
            FIXED64 => Field::Fixed64(self.take(8)?.try_into().unwrap_or_default()),
            LENGTH_DELIMITED => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Field::Bytes(self.take(length)?)
            }
            FIXED32 => Field::Fixed32(self.take(4)?.try_into().unwrap_or_default()),
            kind => return Err(WireError::FieldKind(kind)),
        };
        Ok((tag >> TYPE_BITS, field))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>), WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Counts the parts of a file that are read.
#[derive(Default)]
pub(super) struct Parts(usize);

impl Parts {
    /// Counts one more.
    pub(super) fn one(&mut self) -> Result<(), WireError> {
        self.0 += 1;
        if self.0 > MAX_PARTS { Err(WireError::TooManyParts(MAX_PARTS)) } else { Ok(()) }
    }
}

/// Floats of a field: a single one, or packed.
pub(super) fn singles(field: Field<'_>) -> impl Iterator<Item = f32> {
    let (single, packed): (_, &[u8]) = match field {
        Field::Fixed32(bytes) => (Some(f32::from_le_bytes(bytes)), &[]),
        Field::Bytes(bytes) => (None, bytes),
        Field::Varint(_) | Field::Fixed64(_) => (None, &[]),
    };
    single.into_iter().chain(packed.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)))
}

/// A message being written.
#[derive(Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a varint.
    pub(super) fn int(mut self, number: u64, value: i64) -> Self {
        self.varint(number << TYPE_BITS | VARINT);
        self.varint(value as u64);
        self
    }

    /// Adds a float.
    pub(super) fn single(mut self, number: u64, value: f32) -> Self {
        self.varint(number << TYPE_BITS | FIXED32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds text, bytes or a message.
    pub(super) fn bytes(mut self, number: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.varint(number << TYPE_BITS | LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// Adds a field for each value.
    pub(super) fn each<T: AsRef<[u8]>>(self, number: u64, values: impl IntoIterator<Item = T>) -> Self {
        values.into_iter().fold(self, |message, value| message.bytes(number, value))
    }

    /// The bytes.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= u64::from(CONTINUED) {
            self.0.push(value as u8 | CONTINUED);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let inner = Message::default().int(2, -1).into_bytes();
        let bytes = Message::default().int(1, 300).bytes(16, &inner).bytes(3, "text").into_bytes();
        let read: Result<Vec<_>, _> = fields(&bytes).collect();
        let read = read.expect("whole");
        assert_eq!(read, [(1, Field::Varint(300)), (16, Field::Bytes(&inner)), (3, Field::Bytes(b"text"))]);
        assert_eq!(fields(&inner).next(), Some(Ok((2, Field::Varint(u64::MAX)))));
        for length in 1..bytes.len() {
            let cut: Result<Vec<_>, _> = fields(&bytes[..length]).collect();
            assert!(cut.is_err() || cut.is_ok_and(|c| c.len() < 3), "{length}");
        }
        let packed: Result<Vec<_>, _> = varints(Field::Bytes(&[1, 0x80, 1, 5])).collect();
        assert_eq!(packed, Ok(vec![1, 128, 5]));
    }
}
