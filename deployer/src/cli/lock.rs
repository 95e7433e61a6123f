//! How long a command waits for somebody else who changes the same environment.

use std::time::Duration;

use clap::Args;

/// Flattened into each command that changes an environment.
#[derive(Debug, Clone, Args)]
pub struct Lock {
    /// How long to wait while somebody else changes the environment: 90s, 5m, 1h; 0 does not wait
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    pub lock_timeout: Duration,
}

/// A whole number of seconds, minutes or hours, such as `90s`, `5m` and `1h`; bare, only `0`.
fn time(text: &str) -> Result<Duration, String> {
    let wrong = || "not a time such as 90s, 5m or 1h, or 0".to_owned();
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| is_number).ok_or_else(wrong)?;
    let whole = number.checked_mul(seconds).filter(|seconds| *seconds <= 24 * 3600);
    whole.map(Duration::from_secs).ok_or_else(|| "more than a day".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        lock: Lock,
    }

    fn given(arguments: &[&str]) -> Result<u64, String> {
        let cli = Cli::try_parse_from([&["deployer"], arguments].concat());
        cli.map(|cli| cli.lock.lock_timeout.as_secs()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_waits_for_five_minutes_if_it_is_told_nothing() {
        assert_eq!(given(&[]), Ok(300));
    }

    #[test]
    fn a_time_has_a_number_and_a_unit() {
        assert_eq!(given(&["--lock-timeout", "0"]), Ok(0));
        assert_eq!(given(&["--lock-timeout", "90s"]), Ok(90));
        assert_eq!(given(&["--lock-timeout", "1h"]), Ok(3600));
        for wrong in ["", "5", "m", "+5m", "5 m", "5é", "25h", "99999999999999999999h"] {
            assert!(given(&["--lock-timeout", wrong]).is_err(), "{wrong}");
        }
    }
}
