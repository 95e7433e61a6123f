//! Files that are made to bring down whoever opens them. Each costs its sender an answer and nobody else anything.

mod drawings;
mod forms;
mod made;
mod pictures;
mod structures;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use crate::client::Form;
use crate::server::Server;

/// How soon there is an answer, on a machine that has nothing else to do and on one that has.
const SOON: Duration = Duration::from_secs(5);
const SOON_ENOUGH: Duration = Duration::from_secs(20);
/// How often an attack is repeated that took longer, because something else may have kept the machine busy.
const TRIES: usize = 3;
/// How often another visitor asks before anything happens.
const QUIET: usize = 300;

/// An upload that is made to hurt, and how it is to be answered.
struct Attack {
    what: &'static str,
    path: &'static str,
    form: Form,
    statuses: &'static [u16],
}

/// What came of all attacks together.
struct Storm {
    /// What was not as it should be, in words.
    wrong: Vec<String>,
    slowest: (Duration, &'static str),
    /// How long another visitor waited for a page, before and during it, sorted.
    quiet: Vec<Duration>,
    busy: Vec<Duration>,
    /// Answers to that visitor which were not the page.
    unanswered: usize,
    /// Whether the process that answered first was still there at the end, with all its workers.
    is_alive: bool,
}

static STORM: LazyLock<Storm> = LazyLock::new(Storm::pass);

fn attacks() -> Vec<Attack> {
    let (drawn, split) = ("/api/pdf/thumbnails", "/api/pdf/split");
    let attack = |what, path, name: &str, bytes: &[u8], statuses| {
        let form = Form::default().file(name, bytes);
        Attack { what, path, form, statuses }
    };
    let mut all = Vec::new();
    for (what, bytes, [of_split, of_drawing]) in
        drawings::all().into_iter().chain(structures::all())
    {
        all.push(attack(what, split, "a.pdf", &bytes, of_split));
        all.push(attack(what, drawn, "a.pdf", &bytes, of_drawing));
    }
    for (what, bytes, statuses) in pictures::all() {
        all.push(attack(what, "/api/image/resize", "a.png", &bytes, statuses));
        all.push(attack(what, "/api/image/palette", "a.png", &bytes, statuses));
    }
    all
}

impl Storm {
    /// Lets two attackers loose on a site.
    fn pass() -> Self {
        let mut site = Server::with(&[("TRUSTED_HOPS", "1")]);
        let mut quiet: Vec<Duration> = (0..QUIET).filter_map(|_| visit(&site)).collect();
        let waiting = Mutex::new(attacks());
        let (over, done) = (AtomicBool::new(false), Mutex::new(Vec::new()));
        let (mut busy, mut unanswered) = (Vec::new(), 0);
        std::thread::scope(|threads| {
            let attackers = [1, 2].map(|_| {
                threads.spawn(|| {
                    while let Some(attack) = { waiting.lock().unwrap().pop() } {
                        let outcome = attack.carry_out(&site);
                        done.lock().unwrap().push(outcome);
                    }
                })
            });
            let visitor = threads.spawn(|| {
                let mut waits = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    waits.push(visit(&site));
                }
                waits
            });
            let ended = attackers.map(std::thread::ScopedJoinHandle::join);
            over.store(true, Ordering::Relaxed);
            let waits = visitor.join().unwrap();
            unanswered = waits.iter().filter(|wait| wait.is_none()).count();
            busy = waits.into_iter().flatten().collect();
            ended.into_iter().for_each(|end| end.unwrap());
        });
        let outcomes = done.into_inner().unwrap();
        let slowest = outcomes.iter().map(|(took, what, _)| (*took, *what)).max().unwrap();
        let wrong = outcomes.into_iter().filter_map(|(_, _, wrong)| wrong).collect();
        let workers = site.get("/readyz").json()["workers"].as_u64();
        let all = std::thread::available_parallelism().unwrap().get() as u64;
        let is_alive = site.is_running() && workers == Some(all);
        quiet.sort();
        busy.sort();
        Self { wrong, slowest, quiet, busy, unanswered, is_alive }
    }
}

impl Attack {
    /// The quickest answer of a few tries, and what is wrong with it.
    fn carry_out(&self, site: &Server) -> (Duration, &'static str, Option<String>) {
        let soon = soon();
        let mut best = Duration::MAX;
        for _ in 0..TRIES {
            let begun = Instant::now();
            let answer = site.post_as(&site.stranger(), self.path, &self.form);
            best = best.min(begun.elapsed());
            if !self.statuses.contains(&answer.status) {
                let (what, path) = (self.what, self.path);
                return (best, what, Some(format!("{what} to {path}: {answer:?}")));
            }
            if best < soon {
                return (best, self.what, None);
            }
        }
        (best, self.what, Some(format!("{} to {} took {best:?}", self.what, self.path)))
    }
}

/// By what the kernel says of the minute before.
fn soon() -> Duration {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: f64 = load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0);
    // The attackers and their workers are part of it.
    let is_quiet = load < 3.0;
    if is_quiet { SOON } else { SOON_ENOUGH }
}

/// How long another visitor waits for a page, if he gets it.
fn visit(site: &Server) -> Option<Duration> {
    let begun = Instant::now();
    let answer = site.get("/");
    (answer.status == 200 && answer.text().ends_with("</html>\n")).then(|| begun.elapsed())
}

fn percentile_99(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() * 99 / 100]
}

#[test]
fn every_hostile_file_gets_its_answer_soon() {
    let (took, what) = STORM.slowest;
    println!("the slowest answer: {what}, {took:?}");
    assert!(STORM.wrong.is_empty(), "{}", STORM.wrong.join("\n"));
}

#[test]
fn no_hostile_file_takes_more_than_its_own_worker_with_it() {
    assert!(STORM.is_alive);
}

#[test]
fn whoever_else_is_on_the_site_is_answered_while_hostile_files_are_sent() {
    let (quiet, busy) = (percentile_99(&STORM.quiet), percentile_99(&STORM.busy));
    let ratio = busy.as_secs_f64() / quiet.as_secs_f64();
    let count = STORM.busy.len();
    println!("of {count} pages 99 % within {busy:?}, {quiet:?} in quiet: {ratio:.1} times");
    assert_eq!(STORM.unanswered, 0);
    assert!(count > 0);
}

#[test]
fn a_document_that_asks_for_too_much_is_told_what_it_may_have() {
    let site = Server::start();
    let form = Form::default().file("a.pdf", &drawings::forms_in_forms());
    let answer = site.post("/api/pdf/thumbnails", &form);
    assert_eq!(answer.status, 422, "{answer:?}");
    let detail = answer.detail();
    // On a machine that is busy with others the wall clock may come first.
    let limits = ["a.pdf needs more than the ", "a.pdf was not done within "];
    assert!(limits.iter().any(|limit| detail.starts_with(limit)), "{detail}");
}

#[test]
fn a_document_loses_its_programs_on_the_way() {
    let site = Server::start();
    let form = Form::default().file("a.pdf", &structures::programs());
    let made = site.post("/api/pdf/extract", &form.field("pages", "1"));
    assert_eq!(made.status, 200, "{made:?}");
    let made = lopdf::Document::load_mem(&made.body).unwrap();
    let told = format!("{:?}", made.objects);
    for program in ["JavaScript", "Launch", "OpenAction", "EmbeddedFiles"] {
        assert!(!told.contains(program), "{program} in {told}");
    }
}
