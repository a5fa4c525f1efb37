//! ZIP archives as PyTorch and Keras 3 write them: entries stored or deflated. `rawzip` reads the structure.
//!
//! Checksums are not compared: PyTorch neither checks them nor always writes them.

use std::borrow::Cow;
use std::io::Read;

use rawzip::{CompressionMethod, ErrorKind, ZipArchiveEntryWayfinder, ZipLocator, ZipSliceArchive};

/// An archive in memory. Stored entries are not copied.
pub(super) struct Archive<'a> {
    archive: ZipSliceArchive<&'a [u8]>,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    name: &'a [u8],
    method: CompressionMethod,
    encrypted: bool,
    place: ZipArchiveEntryWayfinder,
}

/// Why an archive or an entry cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    #[error("it has no directory at its end")]
    NoDirectory,
    #[error("it does not end with its directory")]
    NotAtEnd,
    #[error("its directory is not where it says")]
    DirectoryElsewhere,
    #[error("its directory is cut")]
    DirectoryCut,
    #[error("its directory is damaged")]
    DirectoryDamaged,
    #[error("`{name}` is not where the directory says")]
    EntryElsewhere { name: String },
    #[error("it ends within `{name}`")]
    EntryCut { name: String },
    #[error("`{name}` is encrypted")]
    Encrypted { name: String },
    #[error("`{name}` claims {size} bytes")]
    TooLarge { name: String, size: u64 },
    #[error("`{name}`: {reason}")]
    Inflate { name: String, reason: std::io::Error },
    #[error("`{name}` has not the size that the directory says")]
    OtherSize { name: String },
    #[error("`{name}` is packed by method {method}; stored and deflated entries are read")]
    Method { name: String, method: u16 },
}

/// Signature of a local file header, with which archives begin (PKWARE, APPNOTE.TXT 6.3, section 4.3.7).
const LOCAL: &[u8] = b"PK\x03\x04";
/// Bytes of a directory entry before its name (section 4.3.12).
const CENTRAL_SIZE: usize = 46;
/// Bytes of the end record and of the longest comment behind it (section 4.3.16).
const END_AND_COMMENT: u64 = 22 + 0xFFFF;

impl<'a> Archive<'a> {
    /// Whether bytes begin as an archive does.
    pub(super) fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(LOCAL)
    }

    /// Reads the directory.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let located = ZipLocator::new().max_search_space(END_AND_COMMENT).locate_in_slice(bytes);
        let archive = located.map_err(|(_, error)| match error.kind() {
            ErrorKind::MissingEndOfCentralDirectory => ArchiveError::NoDirectory,
            ErrorKind::InvalidEndOfCentralDirectory => ArchiveError::DirectoryElsewhere,
            _ => ArchiveError::NotAtEnd,
        })?;
        if archive.end_offset() != bytes.len() as u64 {
            return Err(ArchiveError::NotAtEnd);
        }
        let directory = archive.eocd_offset().saturating_sub(archive.directory_offset()) as usize;
        let mut entries = Vec::with_capacity(directory / CENTRAL_SIZE);
        for entry in archive.entries() {
            let entry = entry.map_err(|error| match error.kind() {
                ErrorKind::Eof => ArchiveError::DirectoryCut,
                _ => ArchiveError::DirectoryDamaged,
            })?;
            // The name again, but borrowed from the file and not from `archive`.
            let name = entry.central_directory_offset() as usize + CENTRAL_SIZE;
            let name = bytes.get(name..name + entry.file_path().as_bytes().len());
            entries.push(Entry {
                name: name.ok_or(ArchiveError::DirectoryCut)?,
                method: entry.compression_method(),
                encrypted: entry.flags().is_encrypted(),
                place: entry.wayfinder(),
            });
        }
        Ok(Self { archive, entries })
    }

    /// Name of the first entry with this ending.
    pub(super) fn find(&self, ending: &str) -> Option<&'a str> {
        let entry = self.entries.iter().find(|e| e.name.ends_with(ending.as_bytes()))?;
        std::str::from_utf8(entry.name).ok()
    }

    /// Content of an entry, if there is such an entry. Deflated content may not be larger than `limit`.
    pub(super) fn read(&self, name: &str, limit: usize) -> Result<Option<Cow<'_, [u8]>>, ArchiveError> {
        let Some(entry) = self.entries.iter().find(|e| e.name == name.as_bytes()) else { return Ok(None) };
        let name = name.to_owned();
        let packed = match self.archive.get_entry(entry.place) {
            Ok(local) => local.data(),
            Err(error) if matches!(error.kind(), ErrorKind::Eof) => return Err(ArchiveError::EntryCut { name }),
            Err(_) => return Err(ArchiveError::EntryElsewhere { name }),
        };
        match entry.method {
            _ if entry.encrypted => Err(ArchiveError::Encrypted { name }),
            CompressionMethod::STORE => Ok(Some(Cow::Borrowed(packed))),
            CompressionMethod::DEFLATE => {
                let size = entry.place.uncompressed_size_hint();
                if size > limit as u64 {
                    return Err(ArchiveError::TooLarge { name, size });
                }
                let mut plain = Vec::new();
                let mut decoder = flate2::read::DeflateDecoder::new(packed).take(size + 1);
                match decoder.read_to_end(&mut plain) {
                    Ok(_) if plain.len() as u64 == size => Ok(Some(Cow::Owned(plain))),
                    Ok(_) => Err(ArchiveError::OtherSize { name }),
                    Err(reason) => Err(ArchiveError::Inflate { name, reason }),
                }
            }
            method => Err(ArchiveError::Method { name, method: method.as_u16() }),
        }
    }
}
