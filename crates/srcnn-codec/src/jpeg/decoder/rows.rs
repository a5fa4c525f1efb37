//! The rows of a JPEG file, decoded in order.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use srcnn_image::{Limits, Size};
use srcnn_kernels::Isa;
use srcnn_kernels::jpeg::{inverse_dct, inverse_dct_flat};

use super::bits::Bits;
use super::block;
use super::coefficients::Coefficients;
use super::error::JpegError;
use super::frame::Frame;
use super::header::{Event, Header};
use super::progress::Progress;
use super::scan::Scan;
use super::strip::Strip;
use crate::jpeg::markers::{PREFIX, START_OF_IMAGE};
use crate::work::WorkCounter;

/// Bytes for what does not depend on the size of the picture: buffer, tables.
const FIXED: u64 = 1 << 18;

/// Where the samples come from.
enum Stage {
    /// The only scan, being read.
    Streamed(Scan),
    /// The first of several scans, and where to put them.
    Scans(Scan, Coefficients),
    /// All scans.
    Stored(Coefficients),
    /// Nowhere any more, because of an error.
    Failed,
}

/// A JPEG file that was opened.
pub(crate) enum Opened<R> {
    Rows(Box<JpegRows<R>>),
    /// The source of a file of a kind that is not read here, somewhere within the file.
    Foreign(R),
}

/// A JPEG file whose rows are read in order.
pub(crate) struct JpegRows<R> {
    isa: Isa,
    input: Bits<R>,
    header: Header,
    frame: Frame,
    stage: Stage,
    progress: Progress,
    work: WorkCounter,
    strip: Strip,
    /// The next row of MCUs, and the next row.
    mcu: usize,
    row: usize,
}

impl<R: Read + Seek> JpegRows<R> {
    /// Reads the headers up to the first scan, from where `source` is. [`Opened::Foreign`] if the file is of a kind that is not
    /// read here: arithmetic coding, lossless, hierarchical, 12 bits, other than 1, 3 or 4 components, sampling factors that do
    /// not divide the largest one, height after the first scan (DNL), the usual Huffman tables left out.
    ///
    /// At most the memory allowed is used, and no more work is done for scans than is allowed. If the coefficients of a file of several scans do not fit into half of it, they
    /// go to the empty file that `spool` makes, which is read and written.
    ///
    /// # Errors
    /// [`JpegError`].
    pub(crate) fn open(
        mut source: R,
        limits: Limits,
        spool: &dyn Fn() -> io::Result<File>,
    ) -> Result<Opened<R>, JpegError> {
        let memory = limits.memory;
        let start = source.stream_position()?;
        let length = source.seek(SeekFrom::End(0))?.saturating_sub(start);
        source.seek(SeekFrom::Start(start))?;
        let mut input = Bits::new(source);
        if [input.byte()?, input.byte()?] != [PREFIX, START_OF_IMAGE] {
            return Err(JpegError::Corrupt("no start of image"));
        }
        let mut header = Header::new();
        let scan = match header.next(&mut input)? {
            Event::Scan(scan) => scan,
            Event::Foreign => return Ok(Opened::Foreign(input.into_source())),
            Event::End => return Err(JpegError::Corrupt("no scan")),
        };
        let Some(frame) = header.frame.clone() else { return Err(JpegError::Corrupt("no frame")) };
        // Every block takes a bit at least.
        if frame.blocks() > length.saturating_mul(8) {
            return Err(JpegError::Truncated);
        }
        let limited = |bytes: u64| {
            if bytes > memory { Err(JpegError::TooLarge { bytes, limit: memory }) } else { Ok(()) }
        };
        let needed = FIXED + Strip::size(&frame);
        limited(needed)?;
        let stage = if !frame.progressive && scan.components().count() == frame.components.len() {
            Stage::Streamed(scan)
        } else if Coefficients::size(&frame) <= (memory / 2).min(memory - needed) {
            Stage::Scans(scan, Coefficients::new(&frame, None))
        } else {
            limited(needed + Coefficients::size_beside_file(&frame))?;
            Stage::Scans(scan, Coefficients::new(&frame, Some(spool().map_err(JpegError::Spool)?)))
        };
        let (strip, progress) = (Strip::new(&frame, header.colors()), Progress::new(&frame));
        Ok(Opened::Rows(Box::new(Self {
            isa: Isa::best(),
            input,
            header,
            frame,
            stage,
            progress,
            work: WorkCounter::new(length, limits),
            strip,
            mcu: 0,
            row: 0,
        })))
    }
}

impl<R: Read> JpegRows<R> {
    /// The picture's.
    pub(crate) fn size(&self) -> Size {
        Size::new(self.frame.width, self.frame.height)
    }

    /// Bytes that are held from row to row.
    pub(crate) fn held_bytes(&self) -> u64 {
        let coefficients = match &self.stage {
            Stage::Scans(_, coefficients) | Stage::Stored(coefficients) => coefficients.held_bytes(),
            Stage::Streamed(_) | Stage::Failed => 0,
        };
        FIXED + Strip::size(&self.frame) + coefficients
    }

    /// Samples of a pixel: 1 for grey, 3 for red, green and blue, 4 for amounts of ink, of which 255 is all.
    pub(crate) fn channels(&self) -> usize {
        self.frame.components.len()
    }

    /// Fills `rows`, in which there must be room for one, with as many of the next rows as fit: pixel by pixel, 8 bits a
    /// sample. Gives how many; 0 after the last one. The last rows come only if the file is complete, but for its end mark.
    ///
    /// # Errors
    /// [`JpegError`]. What `rows` has then is of no use, and no more rows come.
    pub(crate) fn read(&mut self, rows: &mut [u8]) -> Result<usize, JpegError> {
        if matches!(self.stage, Stage::Failed) {
            return Err(JpegError::Corrupt("reading went on after an error"));
        }
        let mut given = 0;
        for out in rows.chunks_exact_mut(self.frame.width * self.channels()) {
            if self.row == self.frame.height {
                break;
            }
            while self.row >= self.strip.ready() {
                self.advance()?;
            }
            self.strip.write(self.row, out);
            self.row += 1;
            given += 1;
        }
        Ok(given)
    }

    /// Decodes the next row of MCUs.
    fn advance(&mut self) -> Result<(), JpegError> {
        self.strip.advance();
        self.stage = match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Streamed(mut scan) => {
                self.stream(&mut scan)?;
                Stage::Streamed(scan)
            }
            Stage::Scans(scan, mut coefficients) => {
                self.store(scan, &mut coefficients)?;
                self.transform(&mut coefficients)?;
                Stage::Stored(coefficients)
            }
            Stage::Stored(mut coefficients) => {
                self.transform(&mut coefficients)?;
                Stage::Stored(coefficients)
            }
            Stage::Failed => Stage::Failed,
        };
        self.mcu += 1;
        Ok(())
    }

    /// Decodes and transforms the next row of MCUs of the only scan.
    fn stream(&mut self, scan: &mut Scan) -> Result<(), JpegError> {
        if self.mcu == 0 {
            self.progress.begin(scan, &self.frame, &self.header.steps)?;
        }
        let (isa, strip, steps) = (self.isa, &mut self.strip, &self.progress.steps);
        scan.row(&mut self.input, self.mcu, |bits, part, place, _| {
            let mut block = [0; 64];
            let more = block::sequential(bits, part, &mut block)?;
            if let Some(steps) = &steps[place.component] {
                let (out, stride) = strip.block(place.component, place.column, place.row);
                if more {
                    inverse_dct(isa, &block, steps, out, stride);
                } else {
                    inverse_dct_flat(block[0], steps[0], out, stride);
                }
            }
            Ok(())
        })?;
        if self.mcu + 1 == self.frame.mcus_down {
            match self.header.next(&mut self.input) {
                // Every sample is there, if not the end mark.
                Ok(Event::End) | Err(JpegError::Truncated) => {}
                Ok(_) => return Err(JpegError::Corrupt("a scan after the last one")),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Decodes all scans.
    fn store(&mut self, mut scan: Scan, coefficients: &mut Coefficients) -> Result<(), JpegError> {
        loop {
            self.progress.begin(&scan, &self.frame, &self.header.steps)?;
            for component in scan.components().map(|component| &self.frame.components[component]) {
                self.work.count(Size::new(component.width, component.height), 1)?;
            }
            let (rows, of_mcu) = scan.rows();
            for row in 0..rows {
                if scan.pass_over() {
                    continue;
                }
                for component in scan.components() {
                    coefficients.load(component, row / of_mcu)?;
                }
                self.store_row(&mut scan, row, coefficients)?;
            }
            scan = match self.header.next(&mut self.input) {
                Ok(Event::Scan(scan)) => scan,
                Ok(Event::End) => break,
                // Only the end mark is missing.
                Err(JpegError::Truncated) if self.progress.is_complete(self.frame.progressive) => break,
                Ok(Event::Foreign) => return Err(JpegError::Corrupt("a frame of another kind")),
                Err(error) => return Err(error),
            };
        }
        coefficients.finish()?;
        let complete = self.progress.steps.iter().all(Option::is_some);
        if complete { Ok(()) } else { Err(JpegError::Corrupt("a component without a scan")) }
    }

    /// Decodes a row of MCUs of one scan of several.
    fn store_row(&mut self, scan: &mut Scan, row: usize, coefficients: &mut Coefficients) -> Result<(), JpegError> {
        let (input, band, high, low) = (&mut self.input, scan.band.clone(), scan.high, scan.low);
        match (self.frame.progressive, scan.has_dc(), high) {
            (false, ..) => scan.row(input, row, |bits, part, place, _| {
                block::sequential(bits, part, coefficients.block(place)).map(|_| ())
            }),
            (true, true, 0) => {
                scan.row(input, row, |bits, part, place, _| block::dc_first(bits, part, low, coefficients.block(place)))
            }
            (true, true, _) => scan.row(input, row, |bits, _, place, _| {
                block::dc_refinement(bits, low, coefficients.block(place));
                Ok(())
            }),
            (true, false, 0) => scan.row(input, row, |bits, part, place, run| {
                block::ac_first(bits, &part.ac, (band.clone(), low), run, coefficients.block(place))
            }),
            (true, false, _) => scan.row(input, row, |bits, part, place, run| {
                block::ac_refinement(bits, &part.ac, (band.clone(), low), run, coefficients.block(place))
            }),
        }
    }

    /// Transforms the next row of MCUs of what is stored.
    fn transform(&mut self, coefficients: &mut Coefficients) -> Result<(), JpegError> {
        for (component, steps) in self.progress.steps.iter().enumerate() {
            coefficients.load(component, self.mcu)?;
            let Some(steps) = steps else { continue };
            for (row, blocks) in coefficients.rows(component).enumerate() {
                for (column, block) in blocks.iter().enumerate() {
                    let (out, stride) = self.strip.block(component, column, row);
                    inverse_dct(self.isa, block, steps, out, stride);
                }
            }
        }
        Ok(())
    }
}
