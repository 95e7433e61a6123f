//! `deployer local clock`: the cloud's present, which can be moved forward: certificates age, nothing waits.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Which, get, post, running};
use crate::failure::Failure;
use crate::ui::Ui;

/// Show the cloud's present, or move it forward
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  deployer local clock\n  deployer local clock advance 61d    certificates of 90 days are due then"
)]
pub struct Clock {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Move it forward by a time such as 61d, 12h, 30m or 10s
    Advance {
        #[arg(value_name = "TIME", value_parser = seconds)]
        by: u64,
    },
}

/// Seconds of `61d`, `12h`, `30m` or `10s`.
fn seconds(text: &str) -> Result<u64, String> {
    let units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
    let number_and_unit = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(*unit)?.parse().ok()?;
        number.checked_mul(*seconds)
    });
    let century = |seconds: &u64| *seconds <= 100 * 366 * 86_400;
    number_and_unit
        .filter(century)
        .ok_or_else(|| "a time is 61d, 12h, 30m or 10s, and less than a century".to_owned())
}

pub(super) async fn run(clock: &Clock, folder: Option<PathBuf>, ui: &Ui) -> Result<(), Failure> {
    let site = running(folder, &clock.which).await?;
    if let Some(Command::Advance { by }) = clock.command {
        post(&site, "clock", &json!({ "seconds": by })).await?;
    }
    let shown = get(&site, "clock").await?;
    if ui.is_json() {
        ui.json(&json!({ "type": "clock", "now": shown["now"] }));
    } else {
        ui.data(&format!("{}\n", shown["now"].as_str().unwrap_or_default()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit_and_an_end() {
        assert_eq!(seconds("61d"), Ok(5_270_400));
        assert_eq!(seconds("90s"), Ok(90));
        for text in ["", "d", "61", "-1d", "1w", "99999999999d", "213503982334602d"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
