//! The bytes of files: named by their content, durable, never by a name that a person chose.

use centrala_store::blobs::Blobs;
use uuid::Uuid;

fn name(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[tokio::test]
async fn same_content_twice_is_kept_once_under_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path().join("blobs")).unwrap();
    let mut kept = Vec::new();
    for n in 1..3 {
        let mut writer = blobs.writer(name(n)).await.unwrap();
        writer.write(b"he").await.unwrap();
        writer.write(b"llo").await.unwrap();
        assert_eq!(writer.size_bytes(), 5);
        let (path, sha256, size_bytes) = writer.finish().await.unwrap();
        assert_eq!(Blobs::measure(&path).await.unwrap(), (sha256.clone(), size_bytes));
        kept.push(blobs.keep(&path, &sha256).await.unwrap());
    }
    // SHA-256 of `hello` (FIPS 180-4).
    let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(kept, vec![blobs.path(sha256).unwrap(); 2]);
    assert_eq!(std::fs::read(&kept[0]).unwrap(), b"hello");
}

#[tokio::test]
async fn what_is_no_hash_is_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(folder.path().to_owned()).unwrap();
    for text in ["", "../../etc/passwd", &"A".repeat(64), &format!("../{}", "0".repeat(61)), &"0".repeat(63)]
    {
        assert_eq!(blobs.path(text), None, "{text}");
        let mut writer = blobs.writer(name(1)).await.unwrap();
        writer.write(b"x").await.unwrap();
        let (path, ..) = writer.finish().await.unwrap();
        assert!(blobs.keep(&path, text).await.is_err());
    }
    blobs.writer(name(2)).await.unwrap().discard().await.unwrap();
    assert!(!blobs.incoming(name(2)).exists());
    blobs.clear_incoming().unwrap();
    assert!(!blobs.incoming(name(1)).exists());
}
