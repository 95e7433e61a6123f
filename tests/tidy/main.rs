//! What the compiler cannot check about this repository: its sizes, its boundaries, what it pulls in, and whether
//! its documents tell the truth. Reads files and asks cargo; starts nothing else.
#![cfg(test)]

mod boundaries;
mod dependencies;
mod documents;
mod environment_page;
mod plan_page;
mod repository;
mod sizes;
mod spdx;
