//! Strips and tiles that are JPEG streams (Adobe's TIFF technical note 2), counted before they are decoded: many may lie at the same
//! place, each of many scans.

use std::io::{Read, Seek, SeekFrom};

use tiff::decoder::{ChunkType, Decoder};
use tiff::tags::Tag;

use srcnn_image::{Limits, Size};

use super::error::refused;
use crate::decode_error::DecodeError;
use crate::jpeg::check_stream;
use crate::limits::check_memory;
use crate::work::WorkCounter;

/// The longest tables that all strips share, which are repeated before each; the usual ones have some 600 bytes.
const LONGEST_TABLES: usize = 1 << 16;
/// Passes over a pixel that the preparation of a decoder is counted as.
const STREAM_PASSES: u64 = 1 << 16;
/// Bytes of the mark at the beginning and at the end of a stream.
const MARK: usize = 2;

/// Checks the memory and the work of all strips or tiles of a picture of this size.
///
/// # Errors
/// As for a JPEG file; [`DecodeError::Decoder`] for tables that are none.
pub(super) fn check(decoder: &mut Decoder<impl Read + Seek>, size: Size, limits: Limits) -> Result<(), DecodeError> {
    let tables = decoder.find_tag(Tag::JPEGTables).map_err(refused)?;
    let tables = tables.map_or(Ok(Vec::new()), |tables| tables.into_u8_vec()).map_err(refused)?;
    if tables.len() > LONGEST_TABLES {
        return Err(DecodeError::decoder("TIFF", "the tables of its JPEG strips are too long"));
    }
    let (places, lengths) = match decoder.get_chunk_type() {
        ChunkType::Strip => (Tag::StripOffsets, Tag::StripByteCounts),
        ChunkType::Tile => (Tag::TileOffsets, Tag::TileByteCounts),
    };
    let mut numbers = |tag| decoder.find_tag_unsigned_vec::<u64>(tag).map_err(refused);
    let (places, lengths) = (numbers(places)?.unwrap_or_default(), numbers(lengths)?.unwrap_or_default());
    let source = decoder.inner();
    let before = source.stream_position()?;
    let file = source.seek(SeekFrom::End(0))?;
    let mut work = WorkCounter::new(file, limits);
    for (place, length) in places.into_iter().zip(lengths) {
        let length = length.min(file);
        // As it is in the file, and with the tables.
        check_memory(size, length.saturating_mul(2), limits)?;
        work.count(Size::new(length as usize + tables.len(), 1), 1)?;
        work.count(Size::new(1, 1), STREAM_PASSES)?;
        let mut stream = tables[..tables.len().saturating_sub(MARK)].to_vec();
        source.seek(SeekFrom::Start(place))?;
        if !stream.is_empty() {
            source.read_exact(&mut [0; MARK])?;
        }
        source.by_ref().take(length).read_to_end(&mut stream)?;
        check_stream(&stream, limits, &mut work)?;
    }
    source.seek(SeekFrom::Start(before))?;
    Ok(())
}
