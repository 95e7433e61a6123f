//! What a worker may not do, arranged before it reads anything: more memory and time than a job is worth, files, sockets,
//! processes. Limits hold everywhere; the list of system calls and Landlock where the kernel has them.

use std::collections::BTreeMap;
use std::io;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr};
use rustix::process::{Resource, Rlimit, nice, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// The most address space of a job, in bytes.
pub(crate) const MEMORY: u64 = 512 * 1024 * 1024;
/// The most time of a processor for a job, in seconds.
pub(crate) const SECONDS: u64 = 4;

/// How far workers stand behind the server when both want a processor.
const MODESTY: i32 = 5;

/// What computing and two pipes need. Everything else is answered with "not permitted", opening a file or a socket as well.
const CALLS: [i64; 27] = [
    libc::SYS_brk,
    libc::SYS_clock_gettime,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_madvise,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_tgkill,
    libc::SYS_tkill,
    libc::SYS_write,
    libc::SYS_writev,
];

/// Shuts this process in, for good.
///
/// # Errors
/// When a limit cannot be set or the list of calls is refused by a kernel that knows such lists.
pub(super) fn enter() -> io::Result<()> {
    nice(MODESTY)?;
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, SECONDS)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, 3)?;
    forbid_files_and_network();
    forbid_calls()
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?)
}

/// A kernel without Landlock leaves this to the list of calls.
fn forbid_files_and_network() {
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V3))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V4)))
        .and_then(Ruleset::create);
    if let Ok(ruleset) = ruleset {
        let _ = ruleset.restrict_self();
    }
}

fn forbid_calls() -> io::Result<()> {
    let Ok(architecture) = std::env::consts::ARCH.try_into() else { return Ok(()) };
    let rules: BTreeMap<_, _> = CALLS.into_iter().map(|call| (call, Vec::new())).collect();
    let not_permitted = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let filter = SeccompFilter::new(rules, not_permitted, SeccompAction::Allow, architecture)
        .map_err(io::Error::other)?;
    let program: BpfProgram = filter.try_into().map_err(io::Error::other)?;
    seccompiler::apply_filter(&program).map_err(io::Error::other)
}
