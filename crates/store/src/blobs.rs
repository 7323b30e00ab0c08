//! The bytes of files: in a folder, named by their SHA-256. No name that a person chose ever becomes a path.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::error::{Error, Result};

/// A folder of files named by their content.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// Uses a folder, which is made when missing.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be made.
    pub fn open(folder: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(folder.join("incoming")).map_err(io)?;
        Ok(Self { folder })
    }

    /// A path that does not exist yet, for bytes that are on their way in.
    #[must_use]
    pub fn incoming(&self, name: uuid::Uuid) -> PathBuf {
        self.folder.join("incoming").join(name.simple().to_string())
    }

    /// Where the bytes with this hash are or would be. None for a text that is no hash.
    #[must_use]
    pub fn path(&self, sha256: &str) -> Option<PathBuf> {
        let is_hash =
            sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_hash.then(|| self.folder.join(&sha256[..2]).join(sha256))
    }

    /// Takes a finished file in under its hash, durably: file and folder are synced before this returns.
    /// The same content twice is kept once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk refuses.
    pub async fn keep(&self, incoming: &Path, sha256: &str) -> Result<PathBuf> {
        let path = self.path(sha256).ok_or_else(|| Error::Corrupt("not a SHA-256".into()))?;
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        tokio::fs::create_dir_all(&folder).await.map_err(io)?;
        tokio::fs::File::open(incoming).await.map_err(io)?.sync_all().await.map_err(io)?;
        tokio::fs::rename(incoming, &path).await.map_err(io)?;
        tokio::fs::File::open(&folder).await.map_err(io)?.sync_all().await.map_err(io)?;
        Ok(path)
    }

    /// Removes what was on its way in when the process died.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder cannot be read.
    pub fn clear_incoming(&self) -> Result<()> {
        for entry in std::fs::read_dir(self.folder.join("incoming")).map_err(io)? {
            std::fs::remove_file(entry.map_err(io)?.path()).map_err(io)?;
        }
        Ok(())
    }

    /// Writes bytes to an incoming path and hashes them on the way.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk refuses.
    pub async fn writer(&self, name: uuid::Uuid) -> Result<BlobWriter> {
        let path = self.incoming(name);
        let file = tokio::fs::File::create(&path).await.map_err(io)?;
        Ok(BlobWriter { file, path, hash: Sha256::new(), size_bytes: 0 })
    }

    /// Hash and size of a file that lies in the incoming folder.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be read.
    pub async fn measure(path: &Path) -> Result<(String, u64)> {
        let mut file = tokio::fs::File::open(path).await.map_err(io)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0u8; 64 * 1024];
        let mut size_bytes = 0;
        loop {
            let n = file.read(&mut buffer).await.map_err(io)?;
            if n == 0 {
                return Ok((hex(&hash.finalize()), size_bytes));
            }
            hash.update(&buffer[..n]);
            size_bytes += n as u64;
        }
    }
}

/// Bytes on their way in.
pub struct BlobWriter {
    file: tokio::fs::File,
    path: PathBuf,
    hash: Sha256,
    size_bytes: u64,
}

impl BlobWriter {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk refuses.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.size_bytes += bytes.len() as u64;
        self.file.write_all(bytes).await.map_err(io)
    }

    /// Bytes so far.
    #[must_use]
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Ends: path, SHA-256 in lower-case hex, size in bytes. Not yet durable: see [`Blobs::keep`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the disk refuses.
    pub async fn finish(mut self) -> Result<(PathBuf, String, u64)> {
        self.file.flush().await.map_err(io)?;
        Ok((self.path, hex(&self.hash.finalize()), self.size_bytes))
    }

    /// Gives up and removes what was written.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file cannot be removed.
    pub async fn discard(self) -> Result<()> {
        drop(self.file);
        tokio::fs::remove_file(&self.path).await.map_err(io)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that `map_err` wants")]
fn io(error: std::io::Error) -> Error {
    Error::Unavailable(format!("file storage: {error}"))
}
