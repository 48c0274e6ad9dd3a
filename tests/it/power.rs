//! Promise 6: a power cut loses no id, no date of a first look, and nothing that readers were shown.
//! A disk of its own is cut off as if the power were (ext4's shutdown), and mounted again.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::dice::Dice;
use crate::kit::{CONFIG, Daemon, Site, figure, in_parallel, report, skip};

pub struct Disk {
    image: tempfile::NamedTempFile,
    place: PathBuf,
}

impl Disk {
    /// In the place of a folder; `None` where that cannot be had.
    pub fn mounted(place: &Path) -> Option<Disk> {
        let image = tempfile::NamedTempFile::new().unwrap();
        image.as_file().set_len(48 << 20).unwrap();
        let made = Command::new("mkfs.ext4").arg("-q").arg(image.path()).output();
        if !made.is_ok_and(|output| output.status.success()) {
            skip("no ext4 can be made here");
            return None;
        }
        let disk = Disk { image, place: place.to_path_buf() };
        if !disk.mount() {
            skip("needs root: a disk cannot be mounted here");
            return None;
        }
        Some(disk)
    }

    fn mount(&self) -> bool {
        let mount = Command::new("mount").arg(self.image.path()).arg(&self.place).output();
        mount.is_ok_and(|output| output.status.success())
    }

    fn unmount(&self) -> bool {
        let unmount = Command::new("umount").arg(&self.place).output();
        unmount.is_ok_and(|output| output.status.success())
    }

    /// Nothing reaches the disk any more; `flush` says whether its journal still does.
    fn cut(&self, flush: bool) {
        const SHUTDOWN: u64 = 0x8004_587D;
        let flags: u32 = if flush { 1 } else { 2 };
        let folder = std::fs::File::open(&self.place).unwrap();
        // SAFETY: it reads one number.
        let cut = unsafe { libc::ioctl(folder.as_raw_fd(), SHUTDOWN as _, &raw const flags) };
        assert_eq!(cut, 0, "{}", std::io::Error::last_os_error());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if !self.unmount() {
            let _ = Command::new("umount").arg("-l").arg(&self.place).output();
        }
    }
}

/// An author who wants to keep what was written.
fn write(site: &Site, path: &str, text: &str) {
    let full = site.path("content").join(path);
    let mut file = std::fs::File::create(&full).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.sync_all().unwrap();
    std::fs::File::open(full.parent().unwrap()).unwrap().sync_all().unwrap();
}

/// Title → (id, published), as readers are shown.
fn shown(daemon: &Daemon) -> BTreeMap<String, (String, String)> {
    let feed = daemon.feed("/all.json");
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_string();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|i| (text(i, "title"), (text(i, "id"), text(i, "date_published")))).collect()
}

/// Returns how many entries had been shown when the power went; `None` where it cannot be cut.
fn cut(number: u64) -> Option<usize> {
    let mut dice = Dice::new(number);
    let site = Site { dir: tempfile::tempdir().unwrap() };
    let disk = Disk::mounted(site.dir.path())?;
    site.config(&format!("{CONFIG}\n[feeds]\nentries = \"all\"\n"));
    std::fs::create_dir(site.path("content")).unwrap();
    for number in 0..6 {
        write(&site, &format!("{number}.md"), &format!("# First {number}\n\nNo date.\n"));
    }
    for path in ["config.toml", ""] {
        std::fs::File::open(site.path(path)).unwrap().sync_all().unwrap();
    }
    let daemon = site.serve();
    let mut acknowledged = shown(&daemon);
    for step in 0..3 + dice.throw(4) {
        let title = format!("Then {step}");
        match dice.throw(3) {
            0 => site.rename(&format!("{step}.md"), &format!("moved-{step}.md")),
            1 => write(&site, &format!("0{step}.md"), &format!("# {title}\n\nNo date, either.\n")),
            _ => write(&site, "5.md", &format!("# First 5\n\nEdited, {step}.\n")),
        }
        // Sometimes the cut comes in the middle of it.
        if dice.throw(3) > 0 {
            daemon.until("something is shown", |daemon| {
                let now = shown(daemon);
                let is_new = now.contains_key(&title);
                acknowledged.extend(now);
                is_new || dice.throw(4) == 0
            });
        }
    }
    acknowledged.extend(shown(&daemon));
    // What nobody asked to be kept tells that the power did go.
    std::fs::write(site.path("unsynced"), [1; 65_536]).unwrap();
    disk.cut(number.is_multiple_of(3));
    daemon.signal(rustix::process::Signal::KILL);
    drop(daemon);
    assert!(disk.unmount() && disk.mount(), "the disk does not come back");
    let unsynced = std::fs::read(site.path("unsynced")).unwrap_or_default();
    assert!(unsynced.iter().filter(|byte| **byte == 1).count() < 65_536, "the power did not go");
    let daemon = site.serve();
    let titles: Vec<String> = crate::kit::tree(&site.path("content"))
        .values()
        .map(|bytes| String::from_utf8_lossy(bytes).lines().next().unwrap_or("").replace("# ", ""))
        .collect();
    daemon.until("all that is there", |daemon| {
        let now = shown(daemon);
        titles.iter().all(|title| now.contains_key(title))
    });
    let after = shown(&daemon);
    for title in &titles {
        if let Some(before) = acknowledged.get(title) {
            assert_eq!(after.get(title), Some(before), "cut {number}: {title}\n{}", daemon.said());
        }
    }
    assert!(!daemon.said().contains("the ledger is damaged"), "{}", daemon.said());
    daemon.stop();
    assert!(site.run(&["verify"]).status.success());
    Some(acknowledged.len())
}

#[test]
fn a_power_cut_loses_nothing_that_was_shown() {
    let cuts = figure(20, 200);
    let seen = in_parallel(3, 1..cuts + 1, &|number| cut(number as u64));
    let seen: Vec<usize> = seen.into_iter().flatten().collect();
    if !seen.is_empty() {
        assert_eq!(seen.len(), cuts);
        let entries: usize = seen.iter().sum();
        report(&format!("{cuts} power cuts, {entries} entries shown before"));
    }
}
