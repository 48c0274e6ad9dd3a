//! Disks that are mounted or unmounted: no file event tells of either.

/// Tells whenever something was, from a thread of its own, as long as the process lives. Where the
/// system does not say so, the slow beat finds out.
#[cfg(target_os = "linux")]
pub fn watch_mounts(tell: impl Fn() + Send + 'static) {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    let Ok(mut mounts) = std::fs::File::open("/proc/self/mountinfo") else { return };
    std::thread::spawn(move || {
        let mut sink = Vec::new();
        loop {
            // What was read counts as told (proc_pid_mounts(5)).
            sink.clear();
            let read = std::io::Seek::rewind(&mut mounts)
                .and_then(|()| std::io::Read::read_to_end(&mut mounts, &mut sink));
            let mut polled = [PollFd::new(&mounts, PollFlags::PRI)];
            match read.map(|_| poll(&mut polled, None)) {
                Ok(Ok(_)) => tell(),
                // A signal came between.
                Ok(Err(Errno::INTR)) => {}
                _ => return,
            }
        }
    });
}

#[cfg(not(target_os = "linux"))]
pub fn watch_mounts(_: impl Fn() + Send + 'static) {}
