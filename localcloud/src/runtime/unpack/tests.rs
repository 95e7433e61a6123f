//! Honest and hostile layers.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::{confined, unpack};
use crate::ids;

/// A folder with an image root in it, and a file beside the root that must never change.
struct Bench {
    folder: PathBuf,
}

/// One entry of a layer: its type, its path, and its content or the target of the link.
type Entry<'a> = (EntryType, &'a str, &'a str);

const FILE: EntryType = EntryType::Regular;
const LINK: EntryType = EntryType::Symlink;

impl Bench {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("localcloud-unpack-{}", ids::hex::<8>()));
        fs::create_dir_all(folder.join("root")).unwrap();
        fs::write(folder.join("outside"), "untouched").unwrap();
        Self { folder }
    }

    fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    fn unpack(&self, entries: &[Entry<'_>]) -> io::Result<()> {
        let file = self.folder.join("layer");
        let mut gzip = GzEncoder::new(fs::File::create(&file).unwrap(), Compression::fast());
        gzip.write_all(&layer(entries)).unwrap();
        gzip.finish().unwrap();
        unpack(&file, &self.root(), &mut 1_000_000)
    }

    fn text(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root().join(path)).ok()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let outside = fs::read_to_string(self.folder.join("outside"));
        let beside = fs::read_dir(&self.folder).unwrap().count();
        fs::remove_dir_all(&self.folder).unwrap();
        if !std::thread::panicking() {
            assert_eq!(outside.unwrap(), "untouched");
            assert_eq!(beside, 3, "something was made beside the root");
        }
    }
}

/// A tar archive with paths as they are given; the builder's own methods refuse the hostile ones.
fn layer(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (kind, path, text) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o4755);
        let content = if *kind == FILE { text.as_bytes() } else { &[] };
        if content.is_empty() {
            header.as_ustar_mut().unwrap().linkname[..text.len()].copy_from_slice(text.as_bytes());
        }
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn files_folders_and_links_come_out_as_they_went_in() {
    let bench = Bench::new();
    bench
        .unpack(&[
            (EntryType::Directory, "./", ""),
            (EntryType::Directory, "usr/bin/", ""),
            (FILE, "usr/bin/web", "program"),
            (LINK, "bin", "usr/bin"),
            (LINK, "usr/bin/site", "/usr/bin/web"),
            (EntryType::Link, "usr/same", "usr/bin/web"),
            (FILE, "bin/through", "a link"),
        ])
        .unwrap();
    for path in ["usr/bin/web", "bin/web", "bin/site", "usr/same"] {
        assert_eq!(bench.text(path).as_deref(), Some("program"), "{path}");
    }
    assert_eq!(bench.text("usr/bin/through").as_deref(), Some("a link"));
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(bench.root().join("usr/bin/web")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7000, 0, "set-id bits are dropped");
}

#[test]
fn a_layer_hides_what_lies_below_but_not_what_it_brings() {
    let bench = Bench::new();
    bench.unpack(&[(FILE, "a/old", "1"), (FILE, "b", "1"), (FILE, "c/deep", "1")]).unwrap();
    bench
        .unpack(&[
            (FILE, "a/new", "2"),
            (FILE, "a/.wh..wh..opq", ""),
            (FILE, ".wh.b", ""),
            (FILE, ".wh.c", ""),
            (FILE, "c", "2"),
        ])
        .unwrap();
    assert_eq!(bench.text("a/old"), None);
    assert_eq!(bench.text("a/new").as_deref(), Some("2"));
    assert_eq!(bench.text("b"), None);
    assert_eq!(bench.text("c").as_deref(), Some("2"));
    assert_eq!(bench.text(".wh.b"), None);
}

#[test]
fn nothing_is_written_outside_of_the_root() {
    let outside = |bench: &Bench| bench.folder.join("outside").to_string_lossy().into_owned();
    let bench = Bench::new();
    let absolute = outside(&bench);
    let hostile: [&[Entry<'_>]; 10] = [
        &[(FILE, "../outside", "x")],
        &[(FILE, "a/../../outside", "x")],
        &[(FILE, &absolute, "x")],
        &[(LINK, "up", ".."), (FILE, "up/outside", "x")],
        &[(LINK, "a/up", "../.."), (FILE, "a/up/outside", "x")],
        // Each link alone looks as if it stayed inside; together they lead out.
        &[
            (EntryType::Directory, "d/e/", ""),
            (LINK, "d/e/top", "../.."),
            (LINK, "d/e/out", "top/.."),
            (FILE, "d/e/out/outside", "x"),
        ],
        &[(EntryType::Link, "hard", "../outside")],
        &[(FILE, "../.wh.outside", "")],
        &[(FILE, "a/.wh...", "")],
        &[(EntryType::Block, "dev/sda", "")],
    ];
    for entries in hostile {
        assert!(bench.unpack(entries).is_err(), "{entries:?}");
    }
    // An absolute link means the image's own root, so this writes into the root or not at all.
    let _refused = bench.unpack(&[(LINK, "abs", &absolute), (FILE, "abs", "x")]);
}

#[test]
fn an_image_larger_than_its_storage_is_refused() {
    let bench = Bench::new();
    let file = bench.folder.join("layer");
    fs::write(&file, layer(&[(FILE, "big", &"x".repeat(2000))])).unwrap();
    assert!(unpack(&file, &bench.root(), &mut 1999).is_err());
    let mut budget = 2500;
    unpack(&file, &bench.root(), &mut budget).unwrap();
    assert_eq!(budget, 500);
}

#[test]
fn absolute_links_are_rewritten_from_where_they_lie() {
    let show =
        |target: &str, depth| confined(Path::new(target), depth).map(PathBuf::into_os_string);
    assert_eq!(show("/etc/x", 2), Some("../../etc/x".into()));
    assert_eq!(show("/", 0), Some(".".into()));
    assert_eq!(show("../x", 1), Some("../x".into()));
    assert_eq!(show("../x", 0), None);
    assert_eq!(show("/../x", 3), None);
}
