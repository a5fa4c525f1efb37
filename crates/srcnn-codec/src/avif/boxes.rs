//! The boxes of an AVIF file (ISO/IEC 14496-12, 23008-12): which items it has, what is said of them, and where they are.

use std::borrow::Cow;
use std::collections::HashMap;

/// Bytes of the boxes that describe items, all together, at most: those of a picture of 400 tiles take some 20 KiB, and they are looked
/// up again and again.
const MOST_DESCRIBED: usize = 4 << 20;
/// The boxes that describe items.
const DESCRIBING: [&[u8; 4]; 4] = [b"iinf", b"iloc", b"iref", b"iprp"];

/// Items and what is said of them.
#[derive(Default)]
pub(super) struct Items<'a> {
    file: &'a [u8],
    /// Data that some items lie in.
    inner: &'a [u8],
    /// The item that is the picture; none in sequences without a still picture.
    pub(super) primary: Option<u32>,
    /// Items with their kinds, and the type of their content.
    kinds: Vec<(u32, [u8; 4], &'a [u8])>,
    /// Where in [`Items::kinds`] each is.
    numbers: HashMap<u32, usize>,
    places: HashMap<u32, Place>,
    /// By the kind of a reference, and the item that refers: others; and the other way round.
    references: HashMap<([u8; 4], u32), Vec<u32>>,
    referring: HashMap<([u8; 4], u32), Vec<u32>>,
    properties: Vec<([u8; 4], &'a [u8])>,
    associations: HashMap<u32, Vec<usize>>,
}

/// Where an item lies.
struct Place {
    inner: bool,
    /// Offset and length of each part; a length of zero goes to the end.
    parts: Vec<(usize, usize)>,
}

/// The brand of still pictures, and of sequences, which have a track beside the picture.
const STILL: &[u8] = b"avif";
const SEQUENCE: &[u8] = b"avis";

/// Whether a file begins as this format does: its first box names one of its brands.
pub(crate) fn is_signature(head: &[u8]) -> bool {
    let Some((kind, data)) = boxes(head).next() else { return false };
    let brand = |at: usize| data.get(at..at + 4).is_some_and(|b| b == STILL || b == SEQUENCE);
    // The version comes between the major brand and those that it is compatible with.
    kind == *b"ftyp" && (brand(0) || (8..data.len()).step_by(4).any(brand))
}

/// Whether a file is first of all a sequence.
pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    // The major brand comes after the size and the kind of the first box.
    bytes.get(8..12) == Some(SEQUENCE)
}

impl<'a> Items<'a> {
    /// Whether the boxes that describe items are more than any picture needs.
    pub(super) fn are_too_many(file: &[u8]) -> bool {
        let meta = boxes(file).find(|(kind, _)| kind == b"meta").and_then(|(_, meta)| meta.get(4..));
        let described = boxes(meta.unwrap_or_default()).filter(|(kind, _)| DESCRIBING.contains(&kind));
        described.map(|(_, data)| data.len()).sum::<usize>() > MOST_DESCRIBED
    }

    /// None if the boxes are not as they should be.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let mut items = Self { file, ..Self::default() };
        let meta = match boxes(file).find(|(kind, _)| kind == b"meta") {
            Some((_, meta)) => meta,
            // A track alone.
            None => return boxes(file).any(|(kind, _)| kind == *b"moov").then_some(items),
        };
        for (kind, data) in boxes(meta.get(4..)?) {
            let mut bytes = Bytes(data);
            match &kind {
                b"pitm" => {
                    let bytes_of_number = if bytes.version()? == 0 { 2 } else { 4 };
                    items.primary = Some(bytes.number(bytes_of_number)? as u32);
                }
                b"idat" => items.inner = data,
                b"iinf" => items.information(bytes)?,
                b"iloc" => items.locations(bytes)?,
                b"iref" => items.links(bytes)?,
                b"iprp" => {
                    for (kind, data) in boxes(data) {
                        match &kind {
                            b"ipco" => items.properties = boxes(data).collect(),
                            b"ipma" => items.associate(data)?,
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        Some(items)
    }

    /// Bytes of the file.
    pub(super) fn bytes(&self) -> u64 {
        self.file.len() as u64
    }

    fn information(&mut self, mut bytes: Bytes<'a>) -> Option<()> {
        let skipped = if bytes.version()? == 0 { 2 } else { 4 };
        for (_, data) in boxes(bytes.0.get(skipped..)?).filter(|(kind, _)| kind == b"infe") {
            let mut entry = Bytes(data);
            let id = match entry.version()? {
                2 => entry.number(2)?,
                3 => entry.number(4)?,
                _ => continue,
            };
            let _protection = entry.number(2)?;
            let kind = entry.take(4)?.first_chunk().copied()?;
            // A name, then, of some kinds, the type of the content; each ends with a zero.
            let rest = entry.0.iter().position(|b| *b == 0).map_or(&[][..], |end| &entry.0[end + 1..]);
            let content = rest.split(|b| *b == 0).next().unwrap_or_default();
            self.numbers.entry(id as u32).or_insert(self.kinds.len());
            self.kinds.push((id as u32, kind, content));
        }
        Some(())
    }

    fn locations(&mut self, mut bytes: Bytes<'a>) -> Option<()> {
        let version = bytes.version()?;
        let sizes = bytes.number(2)? as usize;
        let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| sizes >> shift & 15);
        let count = bytes.number(if version < 2 { 2 } else { 4 })?;
        for _ in 0..count {
            let item = bytes.number(if version < 2 { 2 } else { 4 })? as u32;
            let method = if version > 0 { bytes.number(2)? & 15 } else { 0 };
            let _other_file = bytes.number(2)?;
            let base = bytes.number(base)?;
            let (mut parts, count) = (Vec::new(), bytes.number(2)?);
            // Entries without bytes could be many.
            (count < 2 || offset + length > 0).then_some(())?;
            for _ in 0..count {
                if version > 0 {
                    bytes.number(index)?;
                }
                let at = base.checked_add(bytes.number(offset)?)?;
                parts.push((usize::try_from(at).ok()?, usize::try_from(bytes.number(length)?).ok()?));
            }
            self.places.entry(item).or_insert(Place { inner: method == 1, parts });
        }
        Some(())
    }

    fn links(&mut self, mut bytes: Bytes<'a>) -> Option<()> {
        let id = if bytes.version()? == 0 { 2 } else { 4 };
        for (kind, data) in boxes(bytes.0) {
            let mut link = Bytes(data);
            let from = link.number(id)? as u32;
            let count = link.number(2)?;
            for _ in 0..count {
                let to = link.number(id)? as u32;
                self.references.entry((kind, from)).or_default().push(to);
                self.referring.entry((kind, to)).or_default().push(from);
            }
        }
        Some(())
    }

    fn associate(&mut self, data: &'a [u8]) -> Option<()> {
        let mut bytes = Bytes(data);
        let long = data.get(3)? & 1 == 1;
        let version = bytes.version()?;
        for _ in 0..bytes.number(4)? {
            let item = bytes.number(if version == 0 { 2 } else { 4 })? as u32;
            let indices = self.associations.entry(item).or_default();
            for _ in 0..bytes.number(1)? {
                // The highest bit says whether it is essential.
                indices.push(if long { bytes.number(2)? & 0x7FFF } else { bytes.number(1)? & 0x7F } as usize);
            }
        }
        Some(())
    }

    /// The kind of an item.
    pub(super) fn kind(&self, item: u32) -> Option<[u8; 4]> {
        self.numbers.get(&item).map(|number| self.kinds[*number].1)
    }

    /// The items of a kind, with the type of their content.
    pub(super) fn of_kind(&self, kind: [u8; 4]) -> impl Iterator<Item = (u32, &'a [u8])> {
        self.kinds.iter().filter(move |(_, k, _)| *k == kind).map(|(id, _, content)| (*id, *content))
    }

    /// Items that refer to an item in a way.
    pub(super) fn referring(&self, kind: [u8; 4], to: u32) -> impl Iterator<Item = u32> {
        self.referring.get(&(kind, to)).into_iter().flatten().copied()
    }

    /// Items that an item refers to in a way.
    pub(super) fn referred(&self, kind: [u8; 4], from: u32) -> impl Iterator<Item = u32> {
        self.references.get(&(kind, from)).into_iter().flatten().copied()
    }

    /// The properties of an item, in order: kind and content.
    pub(super) fn properties(&self, item: u32) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let indices = self.associations.get(&item).into_iter().flatten();
        // Zero stands for none.
        indices.filter_map(|i| self.properties.get(i.checked_sub(1)?).copied())
    }

    /// The first property of a kind.
    pub(super) fn property(&self, item: u32, kind: [u8; 4]) -> Option<&'a [u8]> {
        self.properties(item).find(|(k, _)| *k == kind).map(|(_, data)| data)
    }

    /// An item's data; none if it lies outside of the file.
    pub(super) fn data(&self, item: u32) -> Option<Cow<'a, [u8]>> {
        let place = self.places.get(&item)?;
        let all = if place.inner { self.inner } else { self.file };
        let part = |(at, length): (usize, usize)| match length {
            0 => all.get(at..),
            _ => all.get(at..at.checked_add(length)?),
        };
        if let [only] = place.parts[..] {
            return part(only).map(Cow::Borrowed);
        }
        let mut data = Vec::new();
        for &place in &place.parts {
            data.extend_from_slice(part(place)?);
            // Parts that overlap must not make more of a file than it is.
            (data.len() <= self.file.len()).then_some(())?;
        }
        Some(Cow::Owned(data))
    }
}

/// Boxes one after the other, up to the first that is cut short: kind and content.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32::from_be_bytes(*rest.first_chunk()?);
        let kind = *rest.get(4..)?.first_chunk()?;
        let (head, size) = match size {
            // To the end.
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*rest.get(8..)?.first_chunk()?)).ok()?),
            size => (8, size as usize),
        };
        let data = rest.get(head..size)?;
        rest = &rest[size..];
        Some((kind, data))
    })
}

/// Bytes that are read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of so many bytes, eight at the most.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        (bytes <= 8).then_some(())?;
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The version of a box; its flags are passed over.
    fn version(&mut self) -> Option<u64> {
        let version = self.number(1)?;
        self.take(3)?;
        Some(version)
    }
}
