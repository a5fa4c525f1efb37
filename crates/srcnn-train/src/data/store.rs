//! A store of bytes: in memory up to a limit, beyond it in an unnamed temporary file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Pieces of bytes, which are appended first and then read from several threads.
#[derive(Debug)]
pub(super) struct Store {
    limit: usize,
    memory: Vec<u8>,
    disk: Option<(Mutex<File>, u64)>,
}

impl Store {
    /// A store with at most `limit` bytes in memory.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, memory: Vec::new(), disk: None }
    }

    /// Appends a piece and gives its position.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.disk.is_none() && self.memory.len() + bytes.len() <= self.limit {
            self.memory.extend_from_slice(bytes);
            return Ok((self.memory.len() - bytes.len()) as u64);
        }
        if self.disk.is_none() {
            self.disk = Some((Mutex::new(tempfile::tempfile()?), 0));
        }
        let (file, length) = self.disk.as_mut().expect("made above");
        file.get_mut().unwrap_or_else(PoisonError::into_inner).write_all(bytes)?;
        *length += bytes.len() as u64;
        Ok(self.memory.len() as u64 + *length - bytes.len() as u64)
    }

    /// Reads a part of a piece from position `at` on.
    pub(super) fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let in_memory = self.memory.len() as u64;
        match &self.disk {
            Some((file, _)) if at >= in_memory => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(at - in_memory))?;
                file.read_exact(bytes)
            }
            _ => {
                bytes.copy_from_slice(&self.memory[at as usize..][..bytes.len()]);
                Ok(())
            }
        }
    }

    /// Bytes on disk.
    pub(super) fn on_disk(&self) -> u64 {
        self.disk.as_ref().map_or(0, |(_, length)| *length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_from_memory_and_from_disk() {
        let mut store = Store::new(10);
        let pieces: Vec<Vec<u8>> = (0..6).map(|i| (0..4).map(|k| 10 * i + k).collect()).collect();
        let places: Vec<u64> = pieces.iter().map(|p| store.push(p).expect("room")).collect();
        assert_eq!(store.on_disk(), 16);
        for (piece, at) in pieces.iter().zip(places).rev() {
            let mut part = [0; 2];
            store.read(at + 1, &mut part).expect("it is there");
            assert_eq!(part, piece[1..3]);
        }
    }
}
