//! Which work waits for which.

/// From now on this thread gives way to those that readers, or an edit, wait for. Where the system
/// does not tell threads apart, it is one like the others.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    {
        /// A tenth of the share that others have (sched(7), "The nice value").
        const NICE: i32 = 10;
        // Linux takes a thread's number for that of a process here (setpriority(2)); lowering
        // oneself is always allowed.
        let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
    }
}
