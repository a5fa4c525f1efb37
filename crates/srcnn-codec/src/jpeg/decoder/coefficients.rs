//! The coefficients of a whole picture, for files of several scans: in memory, or in a temporary file that each scan goes
//! through once.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use super::block::Block;
use super::error::JpegError;
use super::frame::Frame;
use super::scan::Place;

/// Bytes of a block.
const BLOCK_BYTES: usize = size_of::<Block>();

/// The blocks of a component.
struct Plane {
    /// All blocks, or those of one row of MCUs.
    blocks: Vec<Block>,
    /// Blocks along a row of them, and in a row of MCUs.
    across: usize,
    of_row: usize,
    /// Where the row of MCUs in use begins in `blocks`.
    start: usize,
    /// With a file: which row of MCUs it is, where the component begins in the file, and how many rows are there.
    row: Option<usize>,
    offset: u64,
    written: usize,
}

/// Coefficients, of which a row of MCUs of each component is in use at a time.
pub(super) struct Coefficients {
    planes: Vec<Plane>,
    file: Option<File>,
    /// All scans have been decoded.
    finished: bool,
    bytes: Vec<u8>,
}

impl Coefficients {
    /// Bytes of all of them.
    pub(super) fn size(frame: &Frame) -> u64 {
        Self::of_rows(frame).map(|blocks| blocks as u64).sum::<u64>() * frame.mcus_down as u64 * BLOCK_BYTES as u64
    }

    /// Bytes of memory with a file.
    pub(super) fn size_beside_file(frame: &Frame) -> u64 {
        let blocks = Self::of_rows(frame).sum::<usize>() + Self::of_rows(frame).max().unwrap_or(0);
        blocks as u64 * BLOCK_BYTES as u64
    }

    /// Blocks of each component in a row of MCUs.
    fn of_rows(frame: &Frame) -> impl Iterator<Item = usize> {
        frame.components.iter().map(|component| frame.blocks_of_row(component)).map(|(across, down)| across * down)
    }

    /// Coefficients of 0, in a file if there is one.
    pub(super) fn new(frame: &Frame, file: Option<File>) -> Self {
        let rows = if file.is_some() { 1 } else { frame.mcus_down };
        let mut offset = 0;
        let mut planes = Vec::with_capacity(frame.components.len());
        for component in &frame.components {
            let (across, down) = frame.blocks_of_row(component);
            let of_row = across * down;
            let blocks = vec![[0; 64]; of_row * rows];
            planes.push(Plane { blocks, across, of_row, start: 0, row: None, offset, written: 0 });
            offset += (of_row * frame.mcus_down) as u64 * BLOCK_BYTES as u64;
        }
        Self { planes, file, finished: false, bytes: Vec::new() }
    }

    /// Bytes in memory.
    pub(super) fn held_bytes(&self) -> u64 {
        let blocks = self.planes.iter().map(|plane| plane.blocks.len() as u64).sum::<u64>();
        blocks * BLOCK_BYTES as u64 + self.bytes.len() as u64
    }

    /// Takes a row of MCUs of a component into use.
    pub(super) fn load(&mut self, component: usize, row: usize) -> Result<(), JpegError> {
        let plane = &mut self.planes[component];
        let Some(file) = &self.file else {
            plane.start = row * plane.of_row;
            return Ok(());
        };
        if plane.row == Some(row) {
            return Ok(());
        }
        if !self.finished {
            plane.store(file, &mut self.bytes)?;
        }
        plane.row = Some(row);
        if row >= plane.written {
            plane.blocks.fill([0; 64]);
            return Ok(());
        }
        self.bytes.resize(plane.of_row * BLOCK_BYTES, 0);
        let mut file = file;
        file.seek(SeekFrom::Start(plane.offset_of(row))).map_err(JpegError::Spool)?;
        file.read_exact(&mut self.bytes).map_err(JpegError::Spool)?;
        let numbers = self.bytes.as_chunks::<2>().0;
        for (number, bytes) in plane.blocks.as_flattened_mut().iter_mut().zip(numbers) {
            *number = i16::from_le_bytes(*bytes);
        }
        Ok(())
    }

    /// Writes what is still to be written. From now on the coefficients do not change.
    pub(super) fn finish(&mut self) -> Result<(), JpegError> {
        if let Some(file) = &self.file {
            self.planes.iter_mut().try_for_each(|plane| plane.store(file, &mut self.bytes))?;
        }
        self.finished = true;
        Ok(())
    }

    /// A block of the row in use.
    #[inline(always)]
    pub(super) fn block(&mut self, place: Place) -> &mut Block {
        let plane = &mut self.planes[place.component];
        &mut plane.blocks[plane.start + place.row * plane.across + place.column]
    }

    /// The blocks of a component in the row in use: rows of them.
    pub(super) fn rows(&self, component: usize) -> impl Iterator<Item = &[Block]> {
        let plane = &self.planes[component];
        plane.blocks[plane.start..plane.start + plane.of_row].chunks_exact(plane.across)
    }
}

impl Plane {
    fn offset_of(&self, row: usize) -> u64 {
        self.offset + row as u64 * (self.of_row * BLOCK_BYTES) as u64
    }

    /// Writes the row in use to the file.
    fn store(&mut self, mut file: &File, bytes: &mut Vec<u8>) -> Result<(), JpegError> {
        let Some(row) = self.row else { return Ok(()) };
        bytes.resize(self.of_row * BLOCK_BYTES, 0);
        for (number, bytes) in self.blocks.as_flattened().iter().zip(bytes.as_chunks_mut::<2>().0) {
            *bytes = number.to_le_bytes();
        }
        file.seek(SeekFrom::Start(self.offset_of(row))).map_err(JpegError::Spool)?;
        file.write_all(bytes).map_err(JpegError::Spool)?;
        self.written = self.written.max(row + 1);
        Ok(())
    }
}
