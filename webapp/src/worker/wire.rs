//! What server and worker say to each other, frame by frame: two lengths (4 and 8 bytes, big-endian), a head in JSON, bytes.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tools::{File, Job, Refusal};

/// The most bytes of one file; more is no frame of ours.
const LONGEST: u64 = 256 * 1024 * 1024;
const LONGEST_HEAD: u32 = 4 * 1024 * 1024;
const LENGTHS: usize = 12;

/// What the server asks; as many frames with a [`File`] each follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Question {
    pub(super) job: Job,
    pub(super) files: usize,
}

/// What a worker answers: files, and then one of the others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Answer {
    File(File),
    Done,
    Refused(Refusal),
}

pub(super) fn write(to: &mut impl Write, head: &impl Serialize, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&encode(head, bytes)?)?;
    to.write_all(bytes)
}

pub(super) async fn send(
    to: &mut (impl AsyncWrite + Unpin),
    head: &impl Serialize,
    bytes: &[u8],
) -> io::Result<()> {
    to.write_all(&encode(head, bytes)?).await?;
    to.write_all(bytes).await
}

pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<(T, Vec<u8>)> {
    let mut lengths = [0; LENGTHS];
    from.read_exact(&mut lengths)?;
    let (mut head, mut bytes) = room(lengths)?;
    from.read_exact(&mut head)?;
    from.read_exact(&mut bytes)?;
    Ok((serde_json::from_slice(&head)?, bytes))
}

pub(super) async fn receive<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<(T, Vec<u8>)> {
    let mut lengths = [0; LENGTHS];
    from.read_exact(&mut lengths).await?;
    let (mut head, mut bytes) = room(lengths)?;
    from.read_exact(&mut head).await?;
    from.read_exact(&mut bytes).await?;
    Ok((serde_json::from_slice(&head)?, bytes))
}

/// Lengths and head.
fn encode(head: &impl Serialize, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let head = serde_json::to_vec(head)?;
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    let mut frame = Vec::with_capacity(LENGTHS + head.len());
    frame.extend(length.to_be_bytes());
    frame.extend((bytes.len() as u64).to_be_bytes());
    frame.extend(head);
    Ok(frame)
}

/// Room for head and bytes. A worker that was taken over must not make the server allocate what it likes.
fn room(lengths: [u8; LENGTHS]) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let [a, b, c, d, rest @ ..] = lengths;
    let (head, bytes) = (u32::from_be_bytes([a, b, c, d]), u64::from_be_bytes(rest));
    if head > LONGEST_HEAD || bytes > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
    Ok((vec![0; head as usize], vec![0; bytes]))
}
