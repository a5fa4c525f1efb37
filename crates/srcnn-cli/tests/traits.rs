//! One property per picture: each of `fixtures/traits` is processed by `upscale -s 2` to several formats, and its
//! properties (`traits.jsonl`, by `tools/oracles/make_traits.py`) are read back by other libraries.

mod workspace;

use std::io::Cursor;
use std::path::PathBuf;

use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageReader};
use serde_json::Value;
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use workspace::Workspace;

const RESOLUTION: [Tag; 2] = [Tag::XResolution, Tag::YResolution];

#[test]
fn nothing_is_lost() {
    let folder = workspace::fixtures().join("traits");
    let lines = std::fs::read_to_string(folder.join("traits.jsonl")).expect("the list");
    let traits: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(traits.len() >= 60);
    let w = Workspace::new();
    let mut failures = Vec::new();
    // Animations have their own test.
    for holds in traits.iter().filter(|holds| holds.get("frames").is_none()) {
        let name = holds["file"].as_str().expect("a name");
        std::fs::copy(folder.join(name), w.path(name)).expect("room");
        for to in holds["to"].as_array().expect("formats") {
            let to = to.as_str().expect("a format");
            let options = holds["options"].as_str().unwrap_or_default();
            let run = w.srcnn(&format!("upscale {name} -o out.{to} --force -s 2 {options}"));
            if holds["refused"] == true {
                if run.code != 1 {
                    failures.push(format!("{name}: exit code {}", run.code));
                }
                if !run.err.contains(holds["note"].as_str().unwrap_or_default()) {
                    failures.push(format!("{name}: {}", run.err.trim()));
                }
                continue;
            }
            if run.code != 0 {
                failures.push(format!("{name} to {to}: {}", run.err.trim()));
                continue;
            }
            let output = Output::read(w.path(&format!("out.{to}")), to);
            let mut problems = output.problems(holds);
            let note = match holds["note"].as_str() {
                Some(note) => note,
                None if holds["bits"] == 32 && to != "tif" => "floating-point samples are rounded",
                None => "",
            };
            if !run.err.contains(note) {
                problems.push(format!("no note {note:?} in {:?}", run.err));
            }
            failures.extend(problems.into_iter().map(|problem| format!("{name} to {to}: {problem}")));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// A written file, as other libraries read it.
struct Output {
    to: String,
    bytes: Vec<u8>,
    picture: DynamicImage,
    icc: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
    exif: Option<exif::Exif>,
}

impl Output {
    fn read(path: PathBuf, to: &str) -> Self {
        let bytes = std::fs::read(path).expect("an output");
        if to == "tif" {
            let exif = exif::Reader::new().read_from_container(&mut Cursor::new(&bytes)).ok();
            let (icc, xmp) =
                (tiff_of(&bytes).get_tag_u8_vec(Tag::IccProfile), tiff_of(&bytes).get_tag(Tag::Unknown(700)));
            let xmp = xmp.ok().map(|v| v.into_u8_vec().expect("bytes"));
            return Self { to: to.to_owned(), picture: tiff_picture(&bytes), icc: icc.ok(), xmp, exif, bytes };
        }
        let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().expect("in memory");
        let mut decoder = reader.into_decoder().expect("a picture");
        let exif = decoder.exif_metadata().expect("readable");
        let exif = exif.and_then(|raw| exif::Reader::new().read_raw(raw).ok());
        let (icc, xmp) = (decoder.icc_profile().expect("readable"), decoder.xmp_metadata().expect("readable"));
        let picture = DynamicImage::from_decoder(decoder).unwrap_or_else(|e| panic!("{to}: {e}"));
        Self { to: to.to_owned(), bytes, picture, icc, xmp, exif }
    }

    fn problems(&self, holds: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |what: &str, is: String, should: String| {
            if is != should {
                found.push(format!("{what} is {is}, not {should}"));
            }
        };
        let color = self.picture.color();
        if let Some(mode) = holds["mode"].as_str() {
            let (mut mode, mut bits) = (mode, holds["bits"].as_u64().expect("bits"));
            if matches!(&*self.to, "jpg" | "webp" | "qoi") {
                bits = 8;
            } else if self.to != "tif" {
                bits = bits.min(16);
            }
            if self.to == "webp" && mode == "L" {
                mode = "RGB";
            }
            let is = ["L", "LA", "RGB", "RGBA"][usize::from(color.channel_count()) - 1];
            let mut depth = u64::from(color.bytes_per_pixel() * 8 / color.channel_count());
            if self.to == "tif" {
                let formats = tiff_of(&self.bytes).get_tag_u32_vec(Tag::SampleFormat);
                if formats.is_ok_and(|formats| formats == vec![3; color.channel_count().into()]) {
                    depth = tiff_of(&self.bytes).get_tag_u32_vec(Tag::BitsPerSample).expect("bits")[0].into();
                }
            }
            check("the kind", format!("{is} {depth}"), format!("{mode} {bits}"));
        }
        if let (Some(highest), "tif") = (holds["highest"].as_f64(), &*self.to) {
            let DecodingResult::F32(v) = tiff_of(&self.bytes).read_image().expect("samples") else { panic!("floats") };
            let is = v.into_iter().fold(0.0, f32::max);
            check("what is above white", (f64::from(is) >= highest - 0.05).to_string(), "true".to_owned());
        }
        if let Some(size) = holds["size"].as_array() {
            let is = format!("[{},{}]", self.picture.width(), self.picture.height());
            check("the size", is, Value::from(size.clone()).to_string());
        }
        if let Some(icc) = holds["icc"].as_u64() {
            let is = self.icc.as_ref().map_or(0, |icc| crc32fast::hash(icc));
            check("the profile", is.to_string(), icc.to_string());
        }
        if let Some(parts) = holds["xmp"].as_array() {
            let packet = self.xmp.as_ref().map(|xmp| String::from_utf8_lossy(xmp).into_owned());
            check("XMP there", packet.is_some().to_string(), (!parts.is_empty()).to_string());
            for part in parts.iter().filter_map(Value::as_str) {
                let there = packet.as_ref().is_some_and(|p| p.contains(part));
                check(&format!("XMP with {part}"), there.to_string(), "true".to_owned());
            }
        }
        if holds.get("density").is_some() {
            let is = self.density().map_or(Value::Null, |(x, y, unit)| serde_json::json!([x, y, unit]));
            let near = match (is.as_array(), holds["density"].as_array()) {
                (Some(is), Some(should)) => near_densities(is, should),
                (is, should) => is.is_none() == should.is_none(),
            };
            if !near {
                found.push(format!("the density is {is}, not {}", holds["density"]));
            }
        }
        found.extend(self.exif_problems(holds));
        found.extend(self.color_problems(holds));
        found
    }

    fn exif_problems(&self, holds: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let field = |name: &str| {
            let fields = self.exif.iter().flat_map(exif::Exif::fields);
            fields.into_iter().find(|f| f.tag.to_string() == name && f.ifd_num == exif::In::PRIMARY)
        };
        for (name, value) in holds["exif"].as_object().into_iter().flatten() {
            let is = field(name).map(|f| f.display_value().to_string().trim_matches('"').to_owned());
            // Dates are printed with other separators.
            let plain = |text: &str| text.replace([':', '-'], "");
            if is.as_deref().map(plain) != value.as_str().map(plain) {
                found.push(format!("{name} is {is:?}, not {value}"));
            }
        }
        if holds["no_exif"] == true
            && self.exif.as_ref().is_some_and(|exif| exif.get_field(exif::Tag::Make, exif::In::PRIMARY).is_some())
        {
            found.push("there is Exif".to_owned());
        }
        if let (Some(orientation), Some(is)) = (holds["orientation"].as_u64(), field("Orientation"))
            && is.value.get_uint(0).map(u64::from) != Some(orientation)
        {
            found.push(format!("orientation {}", is.display_value()));
        }
        if holds["exif_size"] == true {
            for (name, side) in [("PixelXDimension", self.picture.width()), ("PixelYDimension", self.picture.height())]
            {
                if field(name).and_then(|f| f.value.get_uint(0)) != Some(side) {
                    found.push(format!("{name} is not {side}"));
                }
            }
        }
        if holds["thumbnail"] == false {
            let second = self.exif.iter().flat_map(exif::Exif::fields).any(|f| f.ifd_num == exif::In::THUMBNAIL);
            if second {
                found.push("there is a thumbnail".to_owned());
            }
        }
        if holds["maker_note"] == "intact" && !self.note_is_intact(field("MakerNote")) {
            found.push("the maker's note points elsewhere".to_owned());
        }
        found
    }

    /// Whether the maker note's offset, at its byte 8, still points to its text in the Exif block.
    fn note_is_intact(&self, note: Option<&exif::Field>) -> bool {
        let Some((note, exif)) = note.zip(self.exif.as_ref()) else { return false };
        let exif::Value::Undefined(note, _) = &note.value else { return false };
        let place: [u8; 4] = note[8..12].try_into().expect("four bytes");
        let at = if exif.little_endian() { u32::from_le_bytes(place) } else { u32::from_be_bytes(place) } as usize;
        exif.buf().get(at..at + 22) == Some(b"pointed to by the note")
    }

    /// Horizontal and vertical density, and the unit.
    fn density(&self) -> Option<(f64, f64, &'static str)> {
        match &*self.to {
            "png" => {
                let reader = png::Decoder::new(Cursor::new(&self.bytes)).read_info().expect("a PNG");
                let dims = reader.info().pixel_dims?;
                let (x, y) = (f64::from(dims.xppu), f64::from(dims.yppu));
                match dims.unit {
                    png::Unit::Meter => Some((x / 100.0, y / 100.0, "cm")),
                    png::Unit::Unspecified => Some((x, y, "aspect")),
                }
            }
            "jpg" => {
                let unit = ["aspect", "inch", "cm"][usize::from(self.bytes[13])];
                let side = |at: usize| f64::from(u16::from_be_bytes([self.bytes[at], self.bytes[at + 1]]));
                Some((side(14), side(16), unit))
            }
            "bmp" => {
                let side = |at: usize| u32::from_le_bytes(self.bytes[at..at + 4].try_into().expect("four bytes"));
                Some((f64::from(side(38)) / 100.0, f64::from(side(42)) / 100.0, "cm"))
            }
            "tif" => {
                let mut decoder = tiff_of(&self.bytes);
                let [x, y] = RESOLUTION.map(|tag| decoder.get_tag_u32_vec(tag).ok());
                let (x, y) = (x?, y?);
                let unit = ["", "aspect", "inch", "cm"][decoder.get_tag_u32(Tag::ResolutionUnit).ok()? as usize];
                Some((f64::from(x[0]) / f64::from(x[1]), f64::from(y[0]) / f64::from(y[1]), unit))
            }
            _ => {
                let exif = self.exif.as_ref()?;
                let side = |tag| match exif.get_field(tag, exif::In::PRIMARY)?.value {
                    exif::Value::Rational(ref v) => Some(v[0].to_f64()),
                    _ => None,
                };
                let unit = exif.get_field(exif::Tag::ResolutionUnit, exif::In::PRIMARY)?.value.get_uint(0)?;
                Some((
                    side(exif::Tag::XResolution)?,
                    side(exif::Tag::YResolution)?,
                    if unit == 3 { "cm" } else { "inch" },
                ))
            }
        }
    }

    /// Compares the color in the middle of each quarter.
    fn color_problems(&self, holds: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let grey = !self.picture.color().has_color();
        let pixels = self.picture.to_rgba8();
        let (width, height) = pixels.dimensions();
        let tolerance = holds["tolerance"].as_f64().unwrap_or(0.0) + if self.to == "jpg" { 3.0 } else { 0.0 };
        for (i, should) in holds["quarters"].as_array().into_iter().flatten().enumerate() {
            let should = should.as_array().expect("samples");
            let x = width / 4 + width / 2 * (i as u32 % 2);
            let y = height / 4 + height / 2 * (i as u32 / 2);
            let [r, g, b, a] = pixels.get_pixel(x, y).0;
            let is = match (grey, should.len()) {
                (true, 1 | 2) => vec![r, a],
                (false, 1 | 2) => vec![g, a],
                _ => vec![r, g, b, a],
            };
            let differs = is
                .iter()
                .zip(should)
                .any(|(is, should)| should.as_f64().is_some_and(|should| (f64::from(*is) - should).abs() > tolerance));
            if differs {
                found.push(format!("quarter {i} is {is:?}, not {}", Value::from(should.clone())));
            }
        }
        if let (Some(extra), "tif") = (holds["extra"].as_u64(), &*self.to) {
            let is = tiff_of(&self.bytes).get_tag_u32_vec(Tag::ExtraSamples).ok();
            if is != Some(vec![extra as u32]) {
                found.push(format!("ExtraSamples is {is:?}"));
            }
        }
        found
    }
}

/// Reads a TIFF picture, since `image` does not read grey with alpha. Floats are rounded to 16 bits.
fn tiff_picture(bytes: &[u8]) -> DynamicImage {
    let mut decoder = tiff_of(bytes);
    let ((w, h), kind) = (decoder.dimensions().expect("a size"), decoder.colortype().expect("a kind"));
    let samples = match decoder.read_image().expect("samples") {
        DecodingResult::F32(v) => DecodingResult::U16(v.into_iter().map(|v| (v * 65535.0).round() as u16).collect()),
        samples => samples,
    };
    let kind = match kind {
        ColorType::Gray(32) => ColorType::Gray(16),
        ColorType::RGB(32) => ColorType::RGB(16),
        ColorType::RGBA(32) => ColorType::RGBA(16),
        kind => kind,
    };
    let picture = match (samples, kind) {
        (DecodingResult::U8(v), ColorType::Gray(8)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageLuma8),
        (DecodingResult::U8(v), ColorType::Multiband { num_samples: 2, .. }) => {
            ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageLumaA8)
        }
        (DecodingResult::U8(v), ColorType::RGB(8)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageRgb8),
        (DecodingResult::U8(v), ColorType::RGBA(8)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageRgba8),
        (DecodingResult::U16(v), ColorType::Gray(16)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageLuma16),
        (DecodingResult::U16(v), ColorType::Multiband { num_samples: 2, .. }) => {
            ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageLumaA16)
        }
        (DecodingResult::U16(v), ColorType::RGB(16)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageRgb16),
        (DecodingResult::U16(v), ColorType::RGBA(16)) => ImageBuffer::from_raw(w, h, v).map(DynamicImage::ImageRgba16),
        (_, kind) => panic!("a TIFF of {kind:?}"),
    };
    picture.expect("all samples")
}

fn tiff_of(bytes: &[u8]) -> Decoder<Cursor<&[u8]>> {
    Decoder::new(Cursor::new(bytes)).expect("a TIFF file")
}

/// Whether two densities are equal, whatever their units, up to whole pixels per inch or metre.
fn near_densities(is: &[Value], should: &[Value]) -> bool {
    let inches = |d: &[Value], i: usize| d[i].as_f64().expect("a number") * if d[2] == "cm" { 2.54 } else { 1.0 };
    let aspect = |d: &[Value]| d[2] == "aspect";
    aspect(is) == aspect(should) && (0..2).all(|i| (inches(is, i) - inches(should, i)).abs() <= 0.5)
}
