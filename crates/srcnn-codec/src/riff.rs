//! The container of WebP files: chunks, each a name, a length, and data to a whole number of words.

/// Bytes before the first chunk.
pub(super) const HEADER: usize = 12;

/// Flags of an extended file.
pub(super) const ICC: u8 = 1 << 5;
pub(super) const ALPHA: u8 = 1 << 4;
pub(super) const EXIF: u8 = 1 << 3;
pub(super) const XMP: u8 = 1 << 2;
pub(super) const ANIMATION: u8 = 1 << 1;

/// What a file has after its header, as far as it says that it goes.
pub(super) fn body(bytes: &[u8]) -> &[u8] {
    let length = bytes.get(4..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b) as usize);
    let end = length.saturating_add(8).min(bytes.len());
    bytes.get(HEADER..end).unwrap_or_default()
}

/// Chunks one after the other, up to the first that is cut short: name and data.
pub(super) fn chunks(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (kind, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let data = after.get(..length)?;
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
        Some((*kind, data))
    })
}

/// The content of the first chunk of an extended file: flags, and a size of at most 2^24 a side.
pub(super) fn extended(flags: u8, (width, height): (usize, usize)) -> [u8; 10] {
    let [w0, w1, w2, _] = (width as u32 - 1).to_le_bytes();
    let [h0, h1, h2, _] = (height as u32 - 1).to_le_bytes();
    [flags, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// A chunk as it is stored; none if it is longer than its length can say.
pub(super) fn chunk(kind: &[u8; 4], parts: &[&[u8]]) -> Option<Vec<u8>> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut chunk = Vec::with_capacity(length + 9);
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    parts.iter().for_each(|part| chunk.extend_from_slice(part));
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    Some(chunk)
}

/// A small file in memory.
pub(super) struct File(Vec<u8>);

impl File {
    pub(super) fn new() -> Self {
        Self(b"RIFF\0\0\0\0WEBP".to_vec())
    }

    /// Adds a chunk that was one in another file.
    pub(super) fn chunk(&mut self, kind: &[u8; 4], data: &[u8]) {
        self.0.extend(chunk(kind, &[data]).unwrap_or_default());
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        let length = (self.0.len() - 8) as u32;
        self.0[4..8].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}
