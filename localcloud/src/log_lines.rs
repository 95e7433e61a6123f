//! What enabled logs have collected: in memory, and only the newest of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use time::OffsetDateTime;

use crate::ids;
use crate::model::logging::World;

/// Lines of all logs together; the oldest goes when another comes.
const MOST: usize = 20_000;

/// One line of a log.
#[derive(Debug)]
pub(crate) struct LogLine {
    /// Counts from 1, in the order in which lines came.
    pub(crate) number: u64,
    pub(crate) id: String,
    /// OCID of the log.
    pub(crate) log: String,
    pub(crate) resource: String,
    pub(crate) category: &'static str,
    pub(crate) time: OffsetDateTime,
    pub(crate) ingested: OffsetDateTime,
    pub(crate) data: Value,
}

/// The newest lines of all logs.
#[derive(Debug, Default)]
pub struct LogLines {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Arc<LogLine>>,
    count: u64,
}

/// What a resource has to say.
#[derive(Debug)]
pub(crate) struct Said<'a> {
    pub(crate) resource: &'a str,
    pub(crate) category: &'static str,
    pub(crate) time: OffsetDateTime,
    pub(crate) data: Value,
}

impl LogLines {
    /// Keeps what a log is there for; what none is enabled for is not kept.
    pub(crate) fn collect(&self, logs: &World, now: OffsetDateTime, said: Said<'_>) {
        let Some(log) = logs.collecting(said.resource, said.category) else { return };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        let line = LogLine {
            number: kept.count,
            id: ids::hex::<16>(),
            log: log.id.clone(),
            resource: said.resource.to_owned(),
            category: said.category,
            time: said.time,
            ingested: now,
            data: said.data,
        };
        kept.lines.push_back(Arc::new(line));
        if kept.lines.len() > MOST {
            kept.lines.pop_front();
        }
    }

    /// Every line of the wanted logs, the newest first.
    pub(crate) fn of(&self, wanted: impl Fn(&str) -> bool) -> Vec<Arc<LogLine>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.lines.iter().rev().filter(|line| wanted(&line.log)).cloned().collect()
    }

    /// A deleted log takes its lines with it.
    pub(crate) fn forget(&self, log: &str) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.lines.retain(|line| line.log != log);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::logging::{Configuration, Log, Source};

    fn world(enabled: bool) -> World {
        let source = Source {
            resource: "lb".to_owned(),
            category: "access".to_owned(),
            ..Source::default()
        };
        let log = Log {
            id: "log".to_owned(),
            is_enabled: enabled,
            lifecycle_state: "ACTIVE".to_owned(),
            configuration: Some(Configuration { source, ..Configuration::default() }),
            ..Log::default()
        };
        World { logs: [("log", log)].into(), ..World::default() }
    }

    fn say(lines: &LogLines, world: &World, resource: &str, number: usize) {
        let time = OffsetDateTime::UNIX_EPOCH;
        let said = Said { resource, category: "access", time, data: json!({"number": number}) };
        lines.collect(world, time, said);
    }

    #[test]
    fn the_oldest_line_goes_when_there_is_one_too_many() {
        let (lines, world) = (LogLines::default(), world(true));
        (0..MOST + 2).for_each(|number| say(&lines, &world, "lb", number));
        let kept = lines.of(|_| true);
        assert_eq!(kept.len(), MOST);
        assert_eq!(kept[0].data["number"], MOST + 1);
        assert_eq!(kept[MOST - 1].data["number"], 2);
    }

    #[test]
    fn what_no_enabled_log_is_there_for_is_not_kept() {
        let lines = LogLines::default();
        say(&lines, &world(false), "lb", 1);
        say(&lines, &world(true), "another", 2);
        assert!(lines.of(|_| true).is_empty());
        say(&lines, &world(true), "lb", 3);
        assert_eq!(lines.of(|log| log == "log").len(), 1);
        lines.forget("log");
        assert!(lines.of(|_| true).is_empty());
    }
}
