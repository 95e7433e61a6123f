//! x
pub mod compile;
pub mod digest;
pub mod layer;
pub mod manifest;
pub mod registry;
#[cfg(test)]
mod scratch;
pub mod source;
pub mod toolchain;
