//! XMP packets that are too long for one segment (XMP, part 3, 1.1.3.1): a main packet that names the rest by its checksum, and the
//! rest in segments of its own.

use std::collections::BTreeSet;

use md5::{Digest, Md5};

use super::segments::LONGEST_SEGMENT;
use crate::metadata::xml::{Element, elements, local};

/// What begins the segment of a packet, and those of the rest of one.
pub(super) const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
pub(super) const REST: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
/// The longest XMP packet that fits into one segment.
const LONGEST_XMP: usize = LONGEST_SEGMENT - XMP.len();
/// The name of the rest's checksum in the main packet.
const HAS_REST: &[u8] = b"HasExtendedXMP";
/// Bytes of a checksum in hexadecimal digits.
const CHECKSUM: usize = 32;
/// What a segment of the rest has before its data: the checksum, the length of all, and where the data begin.
const HEAD: usize = CHECKSUM + 8;
/// Bytes of the rest in a segment, at most.
const PIECE: usize = 65_000;

/// What a main packet says of the rest.
fn description(checksum: &[u8], rdf: &str) -> Vec<u8> {
    let checksum = String::from_utf8_lossy(checksum);
    format!(
        "<{rdf}:Description {rdf}:about=\"\" xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" \
         xmpNote:HasExtendedXMP=\"{checksum}\"/>"
    )
    .into_bytes()
}

/// A packet and the data of the segments with its rest.
pub(super) struct Split {
    pub(super) main: Vec<u8>,
    /// Without the name that begins a segment.
    pub(super) rest: Vec<Vec<u8>>,
}

/// A packet as segments have it. The main packet keeps the smallest properties, as many as fit. None for one that cannot be parted.
pub(super) fn split(packet: &[u8]) -> Option<Split> {
    if packet.len() <= LONGEST_XMP {
        return Some(Split { main: packet.to_vec(), rest: Vec::new() });
    }
    let tree = Tree::new(packet)?;
    let prefix = String::from_utf8(tree.rdf.name(packet).to_vec()).ok()?;
    let prefix = prefix.strip_suffix(":RDF")?;
    let properties: Vec<Vec<Element>> =
        tree.descriptions.iter().map(|d| elements(packet, d.content.clone())).collect::<Option<_>>()?;
    // The smallest ones first.
    let mut order: Vec<(usize, usize)> =
        properties.iter().enumerate().flat_map(|(i, all)| (0..all.len()).map(move |k| (i, k))).collect();
    order.sort_by_key(|&(i, k)| properties[i][k].whole.len());
    let none: Vec<Vec<&Element>> = vec![Vec::new(); properties.len()];
    let empty = tree.main(packet, &none);
    let mut room = LONGEST_XMP.checked_sub(empty.len() + description(&[0; CHECKSUM], prefix).len())?;
    let mut kept = BTreeSet::new();
    for (i, k) in order {
        let Some(left) = room.checked_sub(properties[i][k].whole.len()) else { break };
        room = left;
        kept.insert((i, k));
    }
    let (mut of_main, mut of_rest) = (none.clone(), none);
    for (i, all) in properties.iter().enumerate() {
        for (k, property) in all.iter().enumerate() {
            let part = if kept.contains(&(i, k)) { &mut of_main } else { &mut of_rest };
            part[i].push(property);
        }
    }
    let rest = tree.rest(packet, &of_rest);
    let digits: String = Md5::digest(&rest).iter().map(|byte| format!("{byte:02X}")).collect();
    let mut main = tree.main(packet, &of_main);
    main.splice(tree.rdf.tag.end..tree.rdf.tag.end, description(digits.as_bytes(), prefix));
    let length = u32::try_from(rest.len()).ok()?;
    let piece = |(i, data): (usize, &[u8])| {
        let place = (i * PIECE) as u32;
        [digits.as_bytes(), &length.to_be_bytes(), &place.to_be_bytes(), data].concat()
    };
    Some(Split { main, rest: rest.chunks(PIECE).enumerate().map(piece).collect() })
}

/// A packet's elements: the outermost, `rdf:RDF`, and its descriptions.
struct Tree {
    root: Element,
    rdf: Element,
    descriptions: Vec<Element>,
}

impl Tree {
    fn new(packet: &[u8]) -> Option<Self> {
        let root = elements(packet, 0..packet.len())?.into_iter().next()?;
        let rdf = match root.local_name(packet) {
            b"RDF" => root.clone(),
            _ => elements(packet, root.content.clone())?.into_iter().find(|e| e.local_name(packet) == b"RDF")?,
        };
        let descriptions = elements(packet, rdf.content.clone())?;
        let all_are = descriptions.iter().all(|d| d.local_name(packet) == b"Description");
        all_are.then_some(Self { root, rdf, descriptions })
    }

    /// The packet with only these properties of each description, and without the spaces that pad it.
    fn main(&self, packet: &[u8], properties: &[Vec<&Element>]) -> Vec<u8> {
        let Self { root, rdf, descriptions } = self;
        let mut out = packet[..rdf.tag.end].to_vec();
        for (description, properties) in descriptions.iter().zip(properties) {
            out.extend(&packet[description.tag.clone()]);
            properties.iter().for_each(|property| out.extend(&packet[property.whole.clone()]));
            out.extend(&packet[description.content.end..description.whole.end]);
        }
        out.extend(&packet[rdf.content.end..root.whole.end]);
        out.extend(packet[root.whole.end..].trim_ascii());
        out
    }

    /// These properties of each description, as a packet.
    fn rest(&self, packet: &[u8], properties: &[Vec<&Element>]) -> Vec<u8> {
        let Self { root, rdf, descriptions } = self;
        let mut out = packet[root.whole.start..rdf.tag.end].to_vec();
        for (description, properties) in descriptions.iter().zip(properties).filter(|(_, all)| !all.is_empty()) {
            // Of the attributes, those that are properties stay in the main packet.
            out.extend(&packet[description.tag.start..description.behind_name(packet)]);
            for attribute in description.attributes(packet) {
                let name = &packet[attribute.name.clone()];
                if name.starts_with(b"xml") || local(name) == b"about" {
                    out.extend(&packet[attribute.whole]);
                }
            }
            out.push(b'>');
            properties.iter().for_each(|property| out.extend(&packet[property.whole.clone()]));
            out.extend(&packet[description.content.end..description.whole.end]);
        }
        out.extend(&packet[rdf.content.end..root.whole.end]);
        out
    }
}

/// A packet with the rest that it names, if there is one. None if it names one that is not there as a whole, or cannot be put in.
/// `pieces` are the data of the segments with rests.
pub(super) fn merged(main: &[u8], pieces: &[Vec<u8>]) -> Option<Vec<u8>> {
    let Some(at) = main.windows(HAS_REST.len()).position(|w| w == HAS_REST) else { return Some(main.to_vec()) };
    let digits = main[at + HAS_REST.len()..].split(|byte| !byte.is_ascii_hexdigit()).find(|run| !run.is_empty());
    let checksum = digits.filter(|digits| digits.len() == CHECKSUM)?;
    let rest = put_together(checksum, pieces)?;
    let (tree, more) = (Tree::new(main)?, Tree::new(&rest)?);
    // Names that the rest declares around its descriptions have to be declared in each.
    let around = |text: &[u8], tree: &Tree| -> Vec<[Vec<u8>; 3]> {
        let all = [&tree.root, &tree.rdf].into_iter().flat_map(|element| element.attributes(text));
        let all = all.map(|a| [a.name, a.value, a.whole].map(|range| text[range].to_vec()));
        all.filter(|[name, ..]| name.starts_with(b"xmlns")).collect()
    };
    let known = around(main, &tree);
    let mut missing = around(&rest, &more);
    missing.retain(|[name, value, _]| !known.iter().any(|[n, v, _]| n == name && v == value));
    // Other prefixes, or nothing to put it into.
    if tree.rdf.name(main) != more.rdf.name(&rest) || tree.rdf.is_empty_tag(main) {
        return None;
    }
    let mut inserted = Vec::new();
    for description in &more.descriptions {
        let own: Vec<Vec<u8>> = description.attributes(&rest).into_iter().map(|a| rest[a.name].to_vec()).collect();
        let behind = description.behind_name(&rest);
        inserted.extend(&rest[description.tag.start..behind]);
        missing.iter().filter(|[name, ..]| !own.contains(name)).for_each(|[.., whole]| inserted.extend(whole));
        inserted.extend(&rest[behind..description.whole.end]);
    }
    let mut out = main.to_vec();
    out.splice(tree.rdf.content.end..tree.rdf.content.end, inserted);
    for description in tree.descriptions.iter().rev() {
        remove_name(&mut out, main, description);
    }
    Some(out)
}

/// A packet that names a rest, which is not there, without the name.
pub(super) fn without_name(main: &[u8]) -> Vec<u8> {
    let mut out = main.to_vec();
    for description in Tree::new(main).iter().flat_map(|tree| tree.descriptions.iter().rev()) {
        remove_name(&mut out, main, description);
    }
    out
}

/// Removes what a description of the packet `main` says of the rest, which `out` has at the same place.
fn remove_name(out: &mut Vec<u8>, main: &[u8], description: &Element) {
    let property = elements(main, description.content.clone())
        .unwrap_or_default()
        .into_iter()
        .find(|element| element.local_name(main) == HAS_REST)
        .map(|element| element.whole);
    let attribute = description.attributes(main).into_iter().find(|a| local(&main[a.name.clone()]) == HAS_REST);
    // The property lies behind the attribute.
    for range in [property, attribute.map(|attribute| attribute.whole)].into_iter().flatten() {
        out.drain(range);
    }
}

/// The rest with a checksum, whose pieces may come in any order.
fn put_together(checksum: &[u8], pieces: &[Vec<u8>]) -> Option<Vec<u8>> {
    let number = |piece: &[u8], at: usize| Some(u32::from_be_bytes(*piece.get(at..)?.first_chunk()?) as usize);
    let mut found = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.len() >= HEAD) {
        if piece[..CHECKSUM].eq_ignore_ascii_case(checksum) {
            found.push((number(piece, CHECKSUM + 4)?, number(piece, CHECKSUM)?, &piece[HEAD..]));
        }
    }
    found.sort_by_key(|(place, ..)| *place);
    let length = found.first()?.1;
    let mut rest: Vec<u8> = Vec::new();
    for (place, whole, data) in found {
        // A piece that is there twice.
        if place < rest.len() && place + data.len() <= rest.len() {
            continue;
        }
        if place != rest.len() || whole != length {
            return None;
        }
        rest.extend(data);
    }
    (rest.len() == length).then_some(rest)
}
