//! Markers and their segments: what a file says of its picture and how it is coded (ITU-T T.81, annex B).

use std::io::Read;
use std::sync::Arc;

use super::bits::Bits;
use super::error::JpegError;
use super::frame::{Component, Frame};
use super::huffman::Table;
use super::scan::{Part, Scan};
use crate::jpeg::markers::{
    APP0, APP1, APP14, APP15, ARITHMETIC_CONDITIONING, BASELINE, COMMENT, END_OF_IMAGE, EXPANSION, FIRST_RESTART,
    HIERARCHICAL, HUFFMAN_TABLES, LAST_FRAME, LAST_RESTART, LOSSLESS, NUMBER_OF_LINES, PROGRESSIVE,
    QUANTISATION_TABLES, RESTART_INTERVAL, START_OF_IMAGE, START_OF_SCAN, TEMPORARY,
};
use crate::jpeg::zigzag::NATURAL_ORDER;

/// How three components become red, green and blue, and four become amounts of ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colors {
    /// ITU-R BT.601 of full range, as in JFIF.
    Ycc,
    /// They are red, green and blue.
    Rgb,
    /// They are amounts of ink.
    Inks,
    /// They are the complements of amounts of ink, as Adobe's programs store them.
    Complements,
    /// The first three are luma and chroma of amounts of ink, the fourth is the complement of black.
    Ycck,
}

/// A place for a Huffman table, with what is wrong with it, which matters only if it is used.
type Place = Option<Result<Arc<Table>, &'static str>>;

/// The next part of a file.
pub(super) enum Event {
    Scan(Scan),
    End,
    /// A kind of file that is not read here.
    Foreign,
}

/// The tables and parameters that the markers so far have set.
pub(super) struct Header {
    pub(super) frame: Option<Frame>,
    /// Quantisation steps in natural order. Numbers of more than 15 bits wrap as libjpeg's do.
    pub(super) steps: [Option<[i16; 64]>; 4],
    dc: [Place; 4],
    ac: [Place; 4],
    none: Arc<Table>,
    /// MCUs between restart markers; 0 for none.
    interval: u32,
    jfif: bool,
    /// The color transform that Adobe's segment names.
    adobe: Option<u8>,
    scans: usize,
}

impl Header {
    pub(super) fn new() -> Self {
        let (dc, ac, none) = Default::default();
        let none: Arc<Table> = Option::unwrap_or_else(none, || Arc::new(Table::empty()));
        let (frame, steps, interval, jfif, adobe, scans) = (None, [None; 4], 0, false, None, 0);
        Self { frame, steps, dc, ac, none, interval, jfif, adobe, scans }
    }

    /// Reads segments up to and including the header of the next scan.
    pub(super) fn next<R: Read>(&mut self, input: &mut Bits<R>) -> Result<Event, JpegError> {
        loop {
            match input.marker()? {
                START_OF_IMAGE => return Err(JpegError::Corrupt("a second start of image")),
                END_OF_IMAGE => return Ok(Event::End),
                START_OF_SCAN => return self.scan(&input.segment()?),
                BASELINE..=PROGRESSIVE if self.frame.is_some() => return Err(JpegError::Corrupt("a second frame")),
                code @ BASELINE..=PROGRESSIVE => match Frame::new(&input.segment()?, code == PROGRESSIVE)? {
                    Some(frame) => self.frame = Some(frame),
                    None => return Ok(Event::Foreign),
                },
                HUFFMAN_TABLES => self.huffman_tables(&input.segment()?)?,
                QUANTISATION_TABLES => self.quantisation_tables(&input.segment()?)?,
                RESTART_INTERVAL => match input.segment()?[..] {
                    [high, low] => self.interval = u32::from_be_bytes([0, 0, high, low]),
                    _ => return Err(JpegError::Corrupt("a restart interval of a wrong length")),
                },
                APP0 => {
                    self.jfif |= matches!(input.segment()?[..], [b'J', b'F', b'I', b'F', 0, _, _, _, _, _, _, _, ..])
                }
                APP14 => {
                    if let [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..] = input.segment()?[..] {
                        self.adobe = Some(transform);
                    }
                }
                // Restart markers may stand after the last MCU.
                FIRST_RESTART..=LAST_RESTART | TEMPORARY => {}
                ARITHMETIC_CONDITIONING | NUMBER_OF_LINES | APP1..=APP15 | COMMENT => drop(input.segment()?),
                LOSSLESS..=LAST_FRAME | HIERARCHICAL | EXPANSION if self.scans == 0 => return Ok(Event::Foreign),
                _ => return Err(JpegError::Corrupt("a marker that does not belong here")),
            }
        }
    }

    /// The color space of three or four components, by the rules of libjpeg.
    pub(super) fn colors(&self) -> Colors {
        let components = self.frame.iter().flat_map(|frame| &frame.components);
        let is_inks = components.clone().count() == 4;
        let ids = components.map(|component| component.id);
        match self.adobe {
            None if is_inks => Colors::Inks,
            Some(0) if is_inks => Colors::Complements,
            Some(_) if is_inks => Colors::Ycck,
            _ if self.jfif => Colors::Ycc,
            Some(0) => Colors::Rgb,
            None if ids.eq(*b"RGB") => Colors::Rgb,
            _ => Colors::Ycc,
        }
    }

    /// DHT (B.2.4.2).
    fn huffman_tables(&mut self, mut data: &[u8]) -> Result<(), JpegError> {
        const SHORT: JpegError = JpegError::Corrupt("a Huffman table of a wrong length");
        while let Some((place, rest)) = data.split_first() {
            let (counts, rest) = rest.split_first_chunk().ok_or(SHORT)?;
            let (symbols, rest) = rest.split_at_checked(counts.iter().map(|n| usize::from(*n)).sum()).ok_or(SHORT)?;
            let of_dc = place & 0x10 == 0;
            let tables = if of_dc { &mut self.dc } else { &mut self.ac };
            let place =
                tables.get_mut(usize::from(place & !0x10)).ok_or(JpegError::Corrupt("a fifth Huffman table"))?;
            *place = Some(Table::new(counts, symbols, of_dc).map(Arc::new));
            data = rest;
        }
        Ok(())
    }

    /// DQT (B.2.4.1).
    fn quantisation_tables(&mut self, mut data: &[u8]) -> Result<(), JpegError> {
        while let Some((kind, rest)) = data.split_first() {
            let size = if kind >> 4 == 0 { 1 } else { 2 };
            let short = JpegError::Corrupt("a quantisation table of a wrong length");
            let (numbers, rest) = rest.split_at_checked(64 * size).ok_or(short)?;
            let place = self.steps.get_mut(usize::from(kind & 15));
            let steps = place.ok_or(JpegError::Corrupt("a fifth quantisation table"))?.insert([0; 64]);
            for (number, at) in numbers.chunks_exact(size).zip(NATURAL_ORDER) {
                steps[usize::from(at)] = number.iter().fold(0_u16, |sum, byte| sum << 8 | u16::from(*byte)) as i16;
            }
            data = rest;
        }
        Ok(())
    }

    /// SOS (B.2.3).
    fn scan(&mut self, data: &[u8]) -> Result<Event, JpegError> {
        const WRONG: JpegError = JpegError::Corrupt("a wrong header of a scan");
        let frame = self.frame.as_ref().ok_or(JpegError::Corrupt("a scan before the frame"))?;
        self.scans += 1;
        let (number, rest) = data.split_first().ok_or(WRONG)?;
        let (selectors, &[first, last, approximation]) = rest.split_last_chunk().ok_or(WRONG)?;
        if selectors.len() != 2 * usize::from(*number) || *number == 0 || usize::from(*number) > frame.components.len()
        {
            return Err(WRONG);
        }
        let (high, low) = (u32::from(approximation >> 4), u32::from(approximation & 15));
        let band = usize::from(first)..=usize::from(last);
        if frame.progressive {
            let of_band = if first == 0 { last == 0 } else { first <= last && last < 64 && *number == 1 };
            if !of_band || low > 13 || (high != 0 && high != low + 1) {
                return Err(JpegError::Corrupt("a wrong progression"));
            }
        }
        // Which kinds of tables a scan needs.
        let (dc, ac) = if frame.progressive { (first == 0 && high == 0, first > 0) } else { (true, true) };
        let mut parts: Vec<Part> = Vec::with_capacity(selectors.len() / 2);
        for pair in selectors.as_chunks::<2>().0 {
            let of_id =
                |(at, c): &(usize, &Component)| c.id == pair[0] && parts.iter().all(|part| part.component != *at);
            let (component, _) = frame.components.iter().enumerate().find(of_id).ok_or(WRONG)?;
            let table = |needed: bool, tables: &[Place; 4], place: u8| match tables.get(usize::from(place)) {
                _ if !needed => Ok(Some(self.none.clone())),
                Some(table) => table.clone().transpose().map_err(JpegError::Corrupt),
                None => Err(WRONG),
            };
            let (dc, ac) = (table(dc, &self.dc, pair[1] >> 4)?, table(ac, &self.ac, pair[1] & 15)?);
            match (dc, ac) {
                (Some(dc), Some(ac)) => parts.push(Part::new(component, dc, ac)),
                // Frames of motion JPEG leave out the usual tables.
                _ if self.scans == 1 => return Ok(Event::Foreign),
                _ => return Err(JpegError::Corrupt("a scan without its Huffman tables")),
            }
        }
        Ok(Event::Scan(Scan::new(parts, frame, self.interval, band, (high, low))?))
    }
}
