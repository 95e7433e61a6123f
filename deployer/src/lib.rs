//! Makes an Oracle Cloud and a Cloudflare zone match a folder of files.
//!
//! The pure half is `deployer-core`. Here are its two edges: what is read (files, settings, the clouds) and what is
//! written (the clouds, the terminal). [`cli`] wires them together, one command a file.

pub mod acme;
pub mod adopt;
pub mod cli;
pub mod cloudflare;
pub mod dns;
pub mod dotenv;
pub mod engine;
pub mod event;
pub mod execute;
pub mod failure;
pub mod http;
pub mod image;
pub mod lease;
pub mod local;
pub mod project;
pub mod providers;
pub mod secret;
pub mod session;
pub mod settings;
pub mod site;
pub mod stop;
pub mod store;
pub mod ui;
pub mod verify;
