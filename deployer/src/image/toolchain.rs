//! The Rust toolchain that will compile the program: where its tools are, what it is, which
//! triple it builds for. The only file of `image` that reads the process environment.

use std::{env, io, path::PathBuf, process::Command};

/// A Rust toolchain.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// The `cargo` to run.
    pub cargo: PathBuf,
    /// Where cargo keeps the sources of dependencies; its path must not get into the binary.
    pub cargo_home: Option<PathBuf>,
    /// All of `rustc -vV`: release, commit, host, LLVM.
    pub version: String,
    /// The triple it builds for, such as `x86_64-unknown-linux-gnu`.
    pub host: String,
}

/// Why no toolchain was found.
#[derive(Debug, thiserror::Error)]
pub enum ToolchainError {
    /// The compiler did not start; hint: install Rust with rustup.
    #[error("{0} did not start; is Rust installed (https://rustup.rs)?")]
    Start(PathBuf, #[source] io::Error),
    /// The compiler's answer names no host.
    #[error("`{0} -vV` does not say which host it builds for")]
    Host(PathBuf),
}

impl Toolchain {
    /// Asks the compiler beside `$CARGO` (set when started by `cargo run`), else the one in `PATH`.
    ///
    /// # Errors
    /// [`ToolchainError`] when there is none.
    pub fn detect() -> Result<Self, ToolchainError> {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let sibling = cargo.with_file_name("rustc");
        let rustc = if sibling.is_file() { sibling } else { PathBuf::from("rustc") };
        let output = Command::new(&rustc)
            .arg("-vV")
            .output()
            .map_err(|error| ToolchainError::Start(rustc.clone(), error))?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or(ToolchainError::Host(rustc))?
            .to_owned();
        let cargo_home = env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
        Ok(Self { cargo, cargo_home, version, host })
    }
}
