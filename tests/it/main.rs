//! System tests: the binary `deployer`, run as a user runs it, against an embedded cloud of each test's own.
//!
//! Nothing of the code under test runs in here, but for the OCI client where a test does what somebody does by hand. What a test needs and the machine lacks is said in a line that
//! begins with `skipped:`.
#![cfg(test)]

mod adoption;
mod browser;
mod certificates;
mod clients;
mod engines;
mod every_call;
mod faults;
mod files;
mod interruption;
mod lifecycle;
mod local;
mod mock;
mod output;
mod plans;
mod rehearsal;
mod site;
mod tools;
mod world;
