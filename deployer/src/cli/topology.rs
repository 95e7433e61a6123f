//! `deployer topology`: the environment as a picture.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use deployer_core::topology;

use super::common;
use crate::failure::{Failure, Kind};
use crate::ui::Ui;

/// Draw the environment as an SVG
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer topology --env london > london.svg\n  deployer topology --env local --out docs/local.svg"
)]
pub struct Arguments {
    /// Name of a file in `environments/`, without .toml
    #[arg(long, value_name = "NAME")]
    env: String,
    /// File to write instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let environment = common::project(folder)?.environment(&arguments.env)?;
    let svg = topology::svg(&environment);
    match arguments.out {
        None if ui.is_json() => ui.json(&serde_json::json!({ "type": "topology", "svg": svg })),
        None => ui.data(&svg),
        Some(path) => {
            fs::write(&path, svg)
                .map_err(|error| Failure::because(Kind::Other, path.display(), &error))?;
            ui.note(format!("wrote {}", path.display()));
        }
    }
    Ok(())
}
