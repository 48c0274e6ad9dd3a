//! The daemon under a supervisor that sees each call with which it changes the disk, before it is
//! made, and lets it happen, fail, or be the last one: seccomp's user notification (Linux), so that
//! the program under test is the one that is shipped.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use libc::{c_int, c_long, c_void};

/// What is to become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// It fails with this errno, and nothing is done.
    Fail(c_int),
    /// The process is killed before it.
    Kill,
}

/// A call below the watched folder, with its number from 1 on.
#[derive(Clone, Debug)]
pub struct Call {
    pub number: usize,
    pub name: &'static str,
    pub path: PathBuf,
}

pub type Policy = Box<dyn FnMut(&Call) -> Verdict + Send>;

/// How a call names what it changes.
#[derive(Clone, Copy)]
enum Place {
    /// A descriptor, by the number of its argument.
    Descriptor(usize),
    /// A path, relative to the working directory.
    Path(usize),
    /// A path relative to the directory that the argument before it names.
    At(usize),
}

const CALLS: &[(c_long, &str, Place)] = &[
    (libc::SYS_write, "write", Place::Descriptor(0)),
    (libc::SYS_pwrite64, "pwrite", Place::Descriptor(0)),
    (libc::SYS_writev, "writev", Place::Descriptor(0)),
    (libc::SYS_fsync, "fsync", Place::Descriptor(0)),
    (libc::SYS_fdatasync, "fdatasync", Place::Descriptor(0)),
    (libc::SYS_ftruncate, "ftruncate", Place::Descriptor(0)),
    (libc::SYS_fallocate, "fallocate", Place::Descriptor(0)),
    (libc::SYS_rename, "rename", Place::Path(1)),
    (libc::SYS_renameat, "renameat", Place::At(3)),
    (libc::SYS_renameat2, "renameat2", Place::At(3)),
    (libc::SYS_unlink, "unlink", Place::Path(0)),
    (libc::SYS_unlinkat, "unlinkat", Place::At(1)),
    (libc::SYS_rmdir, "rmdir", Place::Path(0)),
    (libc::SYS_mkdir, "mkdir", Place::Path(0)),
    (libc::SYS_mkdirat, "mkdirat", Place::At(1)),
    (libc::SYS_link, "link", Place::Path(1)),
    (libc::SYS_linkat, "linkat", Place::At(3)),
    (libc::SYS_inotify_add_watch, "inotify_add_watch", Place::Path(1)),
    // Only where they may make a file.
    (libc::SYS_openat, "openat", Place::At(1)),
];

/// Where the child leaves the descriptor that tells of its calls.
const LISTENER: c_int = 200;

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn jump(k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16, jt, jf, k }
}

/// Tells of the calls above, and lets all others happen.
fn program() -> Vec<libc::sock_filter> {
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let answer = libc::BPF_RET | libc::BPF_K;
    // The call's number stands first in what is looked at; the third argument at byte 32.
    let mut program = vec![statement(load, 0)];
    for (number, ..) in CALLS.iter().filter(|(number, ..)| *number != libc::SYS_openat) {
        program.push(jump(*number as u32, 0, 1));
        program.push(statement(answer, libc::SECCOMP_RET_USER_NOTIF));
    }
    program.push(jump(libc::SYS_openat as u32, 0, 3));
    program.push(statement(load, 32));
    program.push(libc::sock_filter {
        code: (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16,
        jt: 0,
        jf: 1,
        k: libc::O_CREAT as u32,
    });
    program.push(statement(answer, libc::SECCOMP_RET_USER_NOTIF));
    program.push(statement(answer, libc::SECCOMP_RET_ALLOW));
    program
}

/// In the child, before it becomes the daemon.
fn install(program: &[libc::sock_filter]) -> std::io::Result<()> {
    let filter =
        libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    // SAFETY: the calls take numbers, and a program that lives as long as they do.
    unsafe {
        if libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        let listener = libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
            &raw const filter,
        );
        if listener < 0 || libc::dup2(listener as c_int, LISTENER) < 0 {
            return Err(std::io::Error::last_os_error());
        }
        libc::close(listener as c_int);
    }
    Ok(())
}

/// Where it cannot be had (another system, no seccomp) tests are skipped.
pub fn is_available() -> bool {
    let mut command = Command::new("true");
    supervise(&mut command);
    cfg!(target_arch = "x86_64") && command.status().is_ok_and(|status| status.success())
}

/// Puts a command under supervision; `Supervisor::of` must follow soon after it was started.
pub fn supervise(command: &mut Command) -> &mut Command {
    let program = program();
    // SAFETY: nothing is allocated between fork and exec.
    unsafe { command.pre_exec(move || install(&program)) }
}

#[derive(Default)]
struct Shared {
    /// Calls are counted, and the policy is asked.
    armed: AtomicBool,
    count: AtomicUsize,
    stop: AtomicBool,
    /// What was done to calls.
    done: Mutex<Vec<(Call, Verdict)>>,
}

pub struct Supervisor {
    shared: Arc<Shared>,
    hand: Option<JoinHandle<()>>,
}

fn own(number: c_long) -> Option<OwnedFd> {
    let number = c_int::try_from(number).ok().filter(|number| *number >= 0)?;
    // SAFETY: the kernel gave it to us just now.
    Some(unsafe { OwnedFd::from_raw_fd(number) })
}

impl Supervisor {
    /// Of a process that was started under supervision; what it does below `folder` counts from
    /// `arm` on.
    pub fn of(pid: u32, folder: &Path, policy: Policy) -> Supervisor {
        // SAFETY: both take numbers.
        let process = own(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) }).unwrap();
        let listener =
            unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), LISTENER, 0) };
        let listener = own(listener).expect("the listener");
        let shared = Arc::new(Shared::default());
        let folder = folder.canonicalize().unwrap();
        let hand = {
            let shared = shared.clone();
            std::thread::spawn(move || watch(&listener, pid, &folder, &shared, policy))
        };
        Supervisor { shared, hand: Some(hand) }
    }

    pub fn arm(&self) {
        self.shared.armed.store(true, SeqCst);
    }

    /// Calls so far.
    pub fn count(&self) -> usize {
        self.shared.count.load(SeqCst)
    }

    /// The calls that failed, or before which it was killed.
    pub fn done(&self) -> Vec<(Call, Verdict)> {
        self.shared.done.lock().unwrap().clone()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.shared.stop.store(true, SeqCst);
        if let Some(hand) = self.hand.take() {
            let _ = hand.join();
        }
    }
}

/// Answers until the process has ended, or nobody wants to know any more.
fn watch(listener: &OwnedFd, pid: u32, folder: &Path, shared: &Shared, mut policy: Policy) {
    const RECEIVE: u64 = 0xC050_2100;
    const SEND: u64 = 0xC018_2101;
    loop {
        let mut poll = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure of ours.
        let ready = unsafe { libc::poll(&raw mut poll, 1, 50) };
        if poll.revents & libc::POLLHUP != 0 {
            return;
        }
        if ready <= 0 {
            if shared.stop.load(SeqCst) {
                return;
            }
            continue;
        }
        // SAFETY: all zero is a valid value, and what the kernel wants to find.
        let mut call: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        if unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE as _, &raw mut call) } != 0 {
            continue;
        }
        let verdict = match shared.armed.load(SeqCst).then(|| told(&call, folder)).flatten() {
            None => Verdict::GoOn,
            Some((name, path)) => {
                let number = shared.count.fetch_add(1, SeqCst) + 1;
                let told = Call { number, name, path };
                let verdict = policy(&told);
                if verdict != Verdict::GoOn {
                    shared.done.lock().unwrap().push((told, verdict));
                }
                verdict
            }
        };
        let (error, flags) = match verdict {
            Verdict::GoOn => (0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
            Verdict::Fail(errno) => (-errno, 0),
            Verdict::Kill => {
                // SAFETY: a number and a signal.
                unsafe { libc::kill(pid as i32, libc::SIGKILL) };
                continue;
            }
        };
        let mut answer = libc::seccomp_notif_resp { id: call.id, val: 0, error, flags };
        // The process may have ended meanwhile.
        unsafe { libc::ioctl(listener.as_raw_fd(), SEND as _, &raw mut answer) };
    }
}

/// What a call is and what it changes, if that lies below the folder.
fn told(call: &libc::seccomp_notif, folder: &Path) -> Option<(&'static str, PathBuf)> {
    let number = c_long::from(call.data.nr);
    let (_, name, place) = CALLS.iter().find(|(known, ..)| *known == number)?;
    let process = PathBuf::from(format!("/proc/{}", call.pid));
    let at = |argument: usize| call.data.args[argument];
    let path = match *place {
        Place::Descriptor(argument) => {
            std::fs::read_link(process.join(format!("fd/{}", at(argument) as c_int))).ok()?
        }
        Place::Path(argument) => {
            process.join("cwd").read_link().ok()?.join(text(call.pid, at(argument))?)
        }
        Place::At(argument) => {
            let directory = at(argument - 1) as c_int;
            let folder = match directory {
                libc::AT_FDCWD => process.join("cwd"),
                other => process.join(format!("fd/{other}")),
            };
            folder.read_link().ok()?.join(text(call.pid, at(argument))?)
        }
    };
    // What was written into a file that was removed is written below no folder.
    let clean: PathBuf = path.components().collect();
    clean.starts_with(folder).then_some((*name, clean))
}

/// A path in the process's memory.
fn text(pid: u32, address: u64) -> Option<String> {
    let mut bytes = [0_u8; 4_096];
    let near = libc::iovec { iov_base: bytes.as_mut_ptr().cast::<c_void>(), iov_len: 1_024 };
    let far = libc::iovec { iov_base: address as *mut c_void, iov_len: 1_024 };
    // SAFETY: it writes into the buffer, no more than there is.
    let read =
        unsafe { libc::process_vm_readv(pid as i32, &raw const near, 1, &raw const far, 1, 0) };
    let bytes = &bytes[..usize::try_from(read).ok()?];
    let end = bytes.iter().position(|byte| *byte == 0)?;
    String::from_utf8(bytes[..end].to_vec()).ok()
}
