//! Weight files that would grow beyond all measure when unpacked or read: refused.
//!
//! Apart from the damaged files, whose memory is measured: that measure is the process's.

use srcnn::weights::WeightFile;

#[test]
fn a_compressed_file_that_grows_beyond_all_measure_is_refused() {
    use std::io::Write;
    let mut file = vec![b' '; 128];
    file[..18].copy_from_slice(b"MATLAB 5.0 MAT-fil");
    file[18] = b'e';
    file[124..128].copy_from_slice(&[0, 1, b'I', b'M']);
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&vec![0; 1 << 20]).expect("memory");
    }
    let bomb = encoder.finish().expect("memory");
    file.extend(15u32.to_le_bytes());
    file.extend((bomb.len() as u32).to_le_bytes());
    file.extend(bomb);
    let error = WeightFile::parse(&file).expect_err("64 MiB of zeros");
    assert!(error.to_string().contains("beyond all measure"), "{error}");
}

/// An archive of one entry, deflated.
fn archive(name: &str, plain: &[u8], claimed: u32) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).expect("memory");
    let packed = encoder.finish().expect("memory");
    let head = |signature: &[u8], versions: usize| {
        let mut head = signature.to_vec();
        head.extend(vec![0; versions]);
        head.extend([0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        head.extend((packed.len() as u32).to_le_bytes());
        head.extend(claimed.to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0, 0]);
        head
    };
    let mut file = head(b"PK\x03\x04", 2);
    file.extend(name.as_bytes());
    file.extend(&packed);
    let directory = file.len() as u32;
    file.extend(head(b"PK\x01\x02", 4));
    file.extend([0; 14]);
    file.extend(name.as_bytes());
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\0\0\0\0");
    file.extend(directory.to_le_bytes());
    file.extend([0, 0]);
    file
}

#[test]
fn archives_pickles_and_graphs_that_grow_are_refused() {
    let whole = archive("x/data.pkl", b"\x80\x02}.", 4);
    let error = WeightFile::parse(&whole).expect_err("an empty dictionary").to_string();
    assert!(error.contains("no tensors"), "{error}");
    let bomb = archive("x/data.pkl", &vec![b'N'; 64 << 20], 64 << 20);
    let error = WeightFile::parse(&bomb).expect_err("64 MiB").to_string();
    assert!(error.contains("claims"), "{error}");
    let liar = archive("x/data.pkl", &vec![b'N'; 64 << 20], 100);
    assert!(WeightFile::parse(&liar).is_err());
    // A graph of empty nodes, two bytes each.
    let nodes = [0x0A, 0].repeat(1 << 20);
    let mut graph = vec![0x08, 7, 0x3A, 0x80, 0x80, 0x80, 1];
    graph.extend(&nodes);
    let error = WeightFile::parse(&graph).expect_err("a million nodes").to_string();
    assert!(error.contains("parts"), "{error}");
}
