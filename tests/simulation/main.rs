//! Deployer and the emulated services in one process, over an in-memory transport and in simulated time: every order of
//! events comes from a seed, and a seed that fails is replayed with one line.
//!
//! What holds in every test is in `invariants`; what can go wrong on the way is in `wire`.
#![cfg(test)]

mod environments;
mod foreign;
mod images;
mod invariants;
mod meddling;
mod operator;
mod seed;
mod wire;
mod world;

mod bugs;
mod crash;
mod marks;
mod operators;
mod pairs;
mod policies;
mod regions;
mod storms;
