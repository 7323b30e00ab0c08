//! Small valid files for customers who send media without bringing any.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A 1x1 WebP picture.
const WEBP: &str = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";

/// A file for a message type: its MIME type and bytes.
pub(crate) fn file(kind: &str, variant: u8) -> (&'static str, Bytes) {
    match kind {
        "image" => ("image/png", png(variant).into()),
        "sticker" => ("image/webp", STANDARD.decode(WEBP).unwrap_or_default().into()),
        "audio" => ("audio/ogg; codecs=opus", ogg_opus().into()),
        "video" => ("video/mp4", mp4().into()),
        _ => ("application/pdf", pdf().into()),
    }
}

/// A picture of a loaf on a table; the wall behind it depends on the variant.
fn png(variant: u8) -> Vec<u8> {
    const WIDTH: u32 = 320;
    const HEIGHT: u32 = 240;
    let mut rows = Vec::new();
    for y in 0..HEIGHT {
        rows.push(0);
        for x in 0..WIDTH {
            rows.extend_from_slice(&loaf_pixel(x.cast_signed(), y.cast_signed(), variant));
        }
    }
    let mut header = Vec::new();
    header.extend_from_slice(&WIDTH.to_be_bytes());
    header.extend_from_slice(&HEIGHT.to_be_bytes());
    header.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", header), (b"IDAT", zlib_stored(&rows)), (b"IEND", Vec::new())] {
        file.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_be_bytes());
        let start = file.len();
        file.extend_from_slice(name);
        file.extend_from_slice(&data);
        let crc = crc32_reflected(&file[start..]);
        file.extend_from_slice(&crc.to_be_bytes());
    }
    file
}

fn loaf_pixel(x: i32, y: i32, variant: u8) -> [u8; 3] {
    let (dx, dy) = (x - 160, y - 128);
    // In percent of the way from the middle of the loaf to its crust.
    let way = dx * dx * 100 / (112 * 112) + dy * dy * 100 / (58 * 58);
    let is_cut = (dx * 2 + dy).rem_euclid(84) < 16 && dy < 14;
    let tint = i32::from(variant % 5) * 9;
    let colour = match way {
        0..62 if is_cut => [236, 198 - way / 4, 140 - way / 4],
        0..100 => [196 - way / 2, 126 - way / 2, 62 - way / 4],
        _ if y > 168 => [150 + y / 16, 112 + y / 16, 84],
        _ => [238 - tint / 2, 228 - y / 12, 208 + tint - y / 8],
    };
    colour.map(|part| u8::try_from(part.clamp(0, 255)).unwrap_or(u8::MAX))
}

/// A zlib stream of uncompressed blocks.
fn zlib_stored(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut chunks = data.chunks(0xffff).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap_or(0);
        out.push(u8::from(chunks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    out.extend_from_slice(&((b << 16) | a).to_be_bytes());
    out
}

fn crc32_reflected(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xedb8_8320 } else { c >> 1 })
    })
}

/// One second of silence in an Ogg container.
fn ogg_opus() -> Vec<u8> {
    let mut head = b"OpusHead\x01\x01".to_vec();
    head.extend_from_slice(&[0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0]);
    let mut tags = b"OpusTags\x07\0\0\0sandbox".to_vec();
    tags.extend_from_slice(&[0; 4]);
    // Fifty packets of 20 ms, each the shortest legal silence.
    let silence: Vec<&[u8]> = vec![&[0xf8, 0xff, 0xfe]; 50];
    let mut file = ogg_page(2, 0, 0, &[&head]);
    file.extend(ogg_page(0, 0, 1, &[&tags]));
    file.extend(ogg_page(4, 48_000, 2, &silence));
    file
}

fn ogg_page(flags: u8, position: u64, sequence: u32, packets: &[&[u8]]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend_from_slice(&position.to_le_bytes());
    page.extend_from_slice(&1_u32.to_le_bytes());
    page.extend_from_slice(&sequence.to_le_bytes());
    page.extend_from_slice(&[0; 4]);
    page.push(u8::try_from(packets.len()).unwrap_or(u8::MAX));
    page.extend(packets.iter().map(|packet| u8::try_from(packet.len()).unwrap_or(u8::MAX)));
    page.extend(packets.iter().copied().flatten());
    let crc = page.iter().fold(0_u32, |crc, byte| {
        (0..8).fold(crc ^ (u32::from(*byte) << 24), |c, _| {
            if c & 0x8000_0000 == 0 { c << 1 } else { (c << 1) ^ 0x04c1_1db7 }
        })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

/// The boxes of an MP4 file with nothing to show.
fn mp4() -> Vec<u8> {
    b"\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\0\x08free\0\0\0\x08mdat".to_vec()
}

/// One empty page.
fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    ];
    let mut text = String::from("%PDF-1.4\n");
    let mut table = String::from("xref\n0 4\n0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = text.len();
    text.push_str(&format!("{table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"));
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_match_published_values() {
        assert_eq!(crc32_reflected(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            zlib_stored(b"Wikipedia")[zlib_stored(b"Wikipedia").len() - 4..],
            [0x11, 0xe6, 0x03, 0x98]
        );
    }

    #[test]
    fn every_kind_starts_with_its_own_mark() {
        assert!(file("image", 3).1.starts_with(b"\x89PNG"));
        assert!(file("audio", 3).1.starts_with(b"OggS"));
        assert!(file("document", 3).1.starts_with(b"%PDF-1.4"));
        assert!(file("sticker", 3).1.starts_with(b"RIFF"));
        assert_eq!(&file("video", 3).1[4..8], b"ftyp");
    }
}
