//! Codes of markers (ITU-T T.81, table B.1), which follow a byte of 0xFF.

/// The first byte of a marker, any number of times.
pub(super) const PREFIX: u8 = 0xFF;
/// A byte of 0xFF in entropy-coded data, no marker.
pub(super) const STUFFING: u8 = 0x00;
/// TEM: for arithmetic coding.
pub(super) const TEMPORARY: u8 = 0x01;
/// SOF0: baseline, Huffman coding.
pub(super) const BASELINE: u8 = 0xC0;
/// SOF2: progressive, Huffman coding.
pub(super) const PROGRESSIVE: u8 = 0xC2;
/// SOF3: the first of the frames of other kinds, up to SOF15; DHT, JPG and DAC lie between.
pub(super) const LOSSLESS: u8 = 0xC3;
/// SOF15.
pub(super) const LAST_FRAME: u8 = 0xCF;
/// DHT.
pub(super) const HUFFMAN_TABLES: u8 = 0xC4;
/// DAC.
pub(super) const ARITHMETIC_CONDITIONING: u8 = 0xCC;
/// RST0 and RST7.
pub(super) const FIRST_RESTART: u8 = 0xD0;
pub(super) const LAST_RESTART: u8 = 0xD7;
/// SOI.
pub(super) const START_OF_IMAGE: u8 = 0xD8;
/// EOI.
pub(super) const END_OF_IMAGE: u8 = 0xD9;
/// SOS.
pub(super) const START_OF_SCAN: u8 = 0xDA;
/// DQT.
pub(super) const QUANTISATION_TABLES: u8 = 0xDB;
/// DNL.
pub(super) const NUMBER_OF_LINES: u8 = 0xDC;
/// DRI.
pub(super) const RESTART_INTERVAL: u8 = 0xDD;
/// DHP and EXP.
pub(super) const HIERARCHICAL: u8 = 0xDE;
pub(super) const EXPANSION: u8 = 0xDF;
/// APP0: JFIF.
pub(super) const APP0: u8 = 0xE0;
/// APP1: Exif, XMP.
pub(super) const APP1: u8 = 0xE1;
/// APP2: ICC profiles.
pub(super) const APP2: u8 = 0xE2;
/// APP13: Photoshop.
pub(super) const APP13: u8 = 0xED;
/// APP14: Adobe.
pub(super) const APP14: u8 = 0xEE;
pub(super) const APP15: u8 = 0xEF;
/// COM.
pub(super) const COMMENT: u8 = 0xFE;
