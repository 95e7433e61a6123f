//! The pure half of `deployer`: no I/O, no clock, no async. Everything here is a function of plain values.
//!
//! ```text
//!  environment text                                   what the providers listed
//!        | environment::parse                                  |
//!        v                                                     v
//!   Environment + Facts -- desired::build --> DESIRED      OBSERVED
//!                                                 \          /
//!                                           plan::make (diff, balancer, order)
//!                                                      |  guard::check
//!                                                      v
//!                                    PLAN: immutable, printable, fingerprinted
//! ```
//!
//! Modules in reading order: [`environment`], [`desired`], [`observed`], [`diff`], [`balancer`], [`plan`],
//! [`guard`], [`render`], [`policy`], [`topology`].

pub mod address;
pub mod adopt;
pub mod balancer;
pub mod desired;
pub mod diff;
pub mod digest;
pub mod environment;
pub mod guard;
pub mod observed;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod render;
pub mod topology;
pub mod value;
