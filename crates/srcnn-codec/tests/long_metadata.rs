//! XMP packets and IPTC records in JPEG that take several segments, as exiftool 12 and exiv2 write and read them, and how they go to
//! other formats.

use md5::{Digest, Md5};

use srcnn_codec::{EncodeOptions, FileFormat, Loss, decode, encode, losses};
use srcnn_image::Limits;
use srcnn_image::image::{Change, Image, Metadata, Pixels};
use srcnn_image::rows::Shape;

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const REST: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const APP1: u8 = 0xE1;
const APP13: u8 = 0xED;

fn picture(metadata: Metadata) -> Image {
    let pixels = Pixels::new(8, 8, 3, vec![90; 8 * 8 * 3]).expect("filled");
    let mut image = Image::from_u8(pixels).expect("RGB");
    image.metadata = metadata;
    image
}

fn written(metadata: Metadata, format: FileFormat) -> Vec<u8> {
    encode(&picture(metadata), format, &EncodeOptions::default()).expect("it fits")
}

fn read(file: &[u8]) -> Metadata {
    decode(file, Limits::default()).expect("our own file").metadata
}

/// The data of segments of a kind, without what begins them.
fn segments(file: &[u8], code: u8, prefix: &[u8]) -> Vec<Vec<u8>> {
    let (mut at, mut found) = (2, Vec::new());
    while file[at + 1] != 0xDA {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        let data = &file[at + 4..at + 2 + length];
        found.extend(data.strip_prefix(prefix).filter(|_| file[at + 1] == code).map(<[u8]>::to_vec));
        at += 2 + length;
    }
    found
}

/// A file with further segments behind its beginning.
fn with_segments(file: &[u8], code: u8, data: &[Vec<u8>]) -> Vec<u8> {
    let segment = |data: &Vec<u8>| [&[0xFF, code][..], &(data.len() as u16 + 2).to_be_bytes(), data].concat();
    [&file[..2], &data.iter().flat_map(segment).collect::<Vec<_>>(), &file[2..]].concat()
}

/// A property of so many letters.
fn property(name: &str, letter: char, length: usize) -> String {
    format!("<a:{name}><!-- > --><![CDATA[{}]]></a:{name}>", String::from(letter).repeat(length))
}

/// A packet of two descriptions, with spaces that pad it.
fn packet(properties: &[String]) -> String {
    let (first, second) = properties.split_at(properties.len() / 2);
    format!(
        "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:a=\"urn:a\" a:title=\"a &gt; '>' b\">{}</rdf:Description>\
         <rdf:Description rdf:about='' xmlns:a='urn:a'>{}</rdf:Description>\
         <rdf:Description rdf:about='' xmlns:b='urn:b' b:alone='1'/></rdf:RDF></x:xmpmeta>{}<?xpacket end=\"w\"?>",
        first.concat(),
        second.concat(),
        " ".repeat(3000)
    )
}

fn xmp(packet: &str) -> Metadata {
    Metadata { xmp: Some(packet.as_bytes().to_vec()), ..Metadata::default() }
}

fn count(text: &[u8], part: &str) -> usize {
    text.windows(part.len()).filter(|w| *w == part.as_bytes()).count()
}

#[test]
fn a_long_packet_goes_into_a_main_one_and_a_rest_and_comes_back() {
    let lengths = [(10, 'a'), (70_000, 'b'), (3000, 'c'), (200_000, 'd'), (40_000, 'e'), (30_000, 'f'), (20, 'g')];
    let all: Vec<String> = lengths.iter().map(|(length, c)| property(&format!("p{c}"), *c, *length)).collect();
    let packet = packet(&all);
    let file = written(xmp(&packet), FileFormat::Jpeg);
    let [main] = &segments(&file, APP1, XMP)[..] else { panic!("one main packet") };
    let pieces = segments(&file, APP1, REST);
    assert!(pieces.len() > 4);
    // The smallest ones are in the main packet, and every property is in one of both.
    let rest: Vec<u8> = pieces.iter().flat_map(|piece| &piece[40..]).copied().collect();
    for (property, (length, letter)) in all.iter().zip(lengths) {
        let is_kept = length < 35_000;
        assert_eq!((count(main, property), count(&rest, property)), (is_kept.into(), (!is_kept).into()), "{letter}");
    }
    assert_eq!((count(main, "a:title="), count(&rest, "a:title=")), (1, 0), "attributes stay");
    assert_eq!((count(main, "b:alone="), count(&rest, "b:alone=")), (1, 0));
    assert!(main.starts_with("<?xpacket begin=\"\u{FEFF}\"".as_bytes()) && main.ends_with(b"<?xpacket end=\"w\"?>"));
    // The name is the checksum, and each piece says it, the whole length, and its place.
    let name: String = Md5::digest(&rest).iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(count(main, &format!("xmpNote:HasExtendedXMP=\"{name}\"")), 1);
    let mut place = 0;
    for piece in &pieces {
        let numbers = [rest.len() as u32, place].map(u32::to_be_bytes).concat();
        assert_eq!(piece[..40], [name.as_bytes(), &numbers].concat());
        place += piece.len() as u32 - 40;
    }
    let again = read(&file);
    assert_eq!(again.changes, []);
    let again = again.xmp.expect("a packet");
    assert!(all.iter().all(|property| count(&again, property) == 1));
    assert_eq!(count(&again, "HasExtendedXMP"), 0, "it is whole");
    // And again, as long as it is long.
    let third = read(&written(Metadata { xmp: Some(again.clone()), ..Metadata::default() }, FileFormat::Jpeg));
    let third = third.xmp.expect("a packet");
    assert!(all.iter().all(|property| count(&third, property) == 1));
    for format in [FileFormat::Png, FileFormat::WebP, FileFormat::Tiff] {
        let other = read(&written(Metadata { xmp: Some(again.clone()), ..Metadata::default() }, format));
        assert!(other.xmp.as_deref() == Some(&again[..]), "{format:?}");
    }
}

#[test]
fn packets_of_all_lengths_around_a_segment_are_kept() {
    for length in (59_000..66_000).step_by(500).chain(62_000..62_200) {
        let all = [property("a", 'a', length), property("b", 'b', 10)];
        let again = read(&written(xmp(&packet(&all)), FileFormat::Jpeg)).xmp.expect("a packet");
        assert!(all.iter().all(|property| count(&again, property) == 1), "{length}");
    }
}

#[test]
fn a_packet_that_cannot_be_parted_is_a_loss() {
    for odd in [vec![b'x'; 70_000], packet(&[property("a", 'a', 70_000)]).replace("</x:xmpmeta>", "").into_bytes()] {
        let image = picture(Metadata { xmp: Some(odd), ..Metadata::default() });
        assert_eq!(losses(Shape::of(&image), &image.metadata, FileFormat::Jpeg), [Loss::Xmp]);
        assert_eq!(losses(Shape::of(&image), &image.metadata, FileFormat::Png), []);
        let file = encode(&image, FileFormat::Jpeg, &EncodeOptions::default()).expect("it fits");
        assert_eq!(read(&file).xmp, None);
    }
}

#[test]
fn a_rest_of_another_program_is_put_in_or_missed() {
    let plain = written(Metadata::default(), FileFormat::Jpeg);
    let name = "0123456789ABCDEF0123456789ABCDEF";
    let note =
        format!("<rdf:Description rdf:about='' xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{name}'/>");
    let element = format!(
        "<rdf:Description rdf:about='' xmlns:n='http://ns.adobe.com/xmp/note/' xmlns:o='urn:o' o:c='1'>\
         <n:HasExtendedXMP>{name}</n:HasExtendedXMP><o:d>2</o:d></rdf:Description>"
    );
    let rest = "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:q='urn:q'><rdf:RDF xmlns:rdf='urn:rdf'>\
                <rdf:Description rdf:about=''><q:long>text</q:long></rdf:Description></rdf:RDF></x:xmpmeta>";
    for note in [note, element] {
        let main =
            format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf='urn:rdf'>{note}</rdf:RDF></x:xmpmeta>");
        let piece = |from: usize, to: usize, name: &str| {
            let numbers = [rest.len() as u32, from as u32].map(u32::to_be_bytes).concat();
            [REST, name.as_bytes(), &numbers, &rest.as_bytes()[from..to]].concat()
        };
        let [first, second, third] = [piece(0, 50, name), piece(50, 90, name), piece(90, rest.len(), name)];
        let other = piece(0, rest.len(), "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
        let main_segment = [XMP, main.as_bytes()].concat();
        let whole = [third.clone(), first.clone(), main_segment.clone(), other.clone(), second.clone(), first.clone()];
        let metadata = read(&with_segments(&plain, APP1, &whole));
        assert_eq!(metadata.changes, []);
        let packet = String::from_utf8(metadata.xmp.expect("a packet")).expect("text");
        let inserted =
            "<rdf:Description xmlns:q='urn:q' rdf:about=''><q:long>text</q:long></rdf:Description></rdf:RDF>";
        assert!(packet.contains(inserted) && !packet.contains("HasExtendedXMP"), "{packet}");
        assert_eq!(packet.matches("o:").count(), main.matches("o:").count());
        for cut in [vec![main_segment.clone(), first, third], vec![main_segment, other]] {
            let metadata = read(&with_segments(&plain, APP1, &cut));
            assert_eq!(metadata.changes, [Change::PartOfXmpMissing]);
            let packet = metadata.xmp.expect("the main packet");
            assert_eq!((count(&packet, "q:long"), count(&packet, "HasExtendedXMP")), (0, 0));
        }
    }
}

/// A record of so many keywords.
fn record(keywords: usize) -> Vec<u8> {
    (0..keywords).flat_map(|i| [&b"\x1C\x02\x19\0\x09"[..], format!("kw-{i:06}").as_bytes()].concat()).collect()
}

#[test]
fn records_of_every_length_are_carried_from_format_to_format() {
    let formats = [FileFormat::Jpeg, FileFormat::Tiff, FileFormat::Png, FileFormat::WebP];
    for keywords in [1, 2, 4677, 4678, 20_000] {
        let metadata = Metadata { iptc: Some(record(keywords)), ..Metadata::default() };
        for from in formats {
            let file = written(metadata.clone(), from);
            let there = read(&file);
            assert!(there.iptc == metadata.iptc && there.exif.is_none(), "{from:?}, {keywords}");
            for to in formats {
                let again = read(&written(there.clone(), to));
                assert!(again.iptc == metadata.iptc, "{from:?} to {to:?}, {keywords}");
            }
        }
        let file = written(metadata.clone(), FileFormat::Jpeg);
        let pieces = segments(&file, APP13, PHOTOSHOP);
        let length = 12 + record(keywords).len().next_multiple_of(2);
        assert_eq!(pieces.len(), length.div_ceil(65533 - PHOTOSHOP.len()));
        assert_eq!(pieces.concat().len(), length);
    }
    let image = picture(Metadata { iptc: Some(record(1)), ..Metadata::default() });
    for (format, wanted) in
        [(FileFormat::Bmp, &[Loss::Iptc][..]), (FileFormat::Jpeg, &[]), (FileFormat::Tiff, &[]), (FileFormat::Png, &[])]
    {
        assert_eq!(losses(Shape::of(&image), &image.metadata, format), wanted, "{format:?}");
    }
}
