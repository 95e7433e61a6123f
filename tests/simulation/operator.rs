//! Somebody with a terminal: runs deployer's engine on the clouds, and may be killed in the middle.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use deployer::acme::NameServers;
use deployer::acme::dns01::Witness;
use deployer::cloudflare::{BASE_URL, Cloudflare};
use deployer::engine::{self, Consent, Done, Goal, Terms};
use deployer::event::{Event, Listener};
use deployer::failure::Failure;
use deployer::http::HttpTransport;
use deployer::lease::{Fence, Pace};
use deployer::secret::Secret;
use deployer::session::{Doors, Seat, Session};
use deployer::site::Site;
use deployer::stop::Stop;
use deployer::store::Store;
use deployer_core::plan::Plan;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::environments;
use crate::images::ThinAir;
use crate::wire::{Script, Wire, talks};
use crate::world::Clouds;

/// What somebody wants.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The environment's file.
    pub(crate) text: &'a str,
    /// Stands for the state of the sources that images are built from.
    pub(crate) sources: &'a str,
    pub(crate) goal: Goal,
}

impl<'a> Wish<'a> {
    pub(crate) const fn up(text: &'a str) -> Self {
        Self { text, sources: "s1", goal: Goal::Up }
    }

    pub(crate) const fn of(self, sources: &'a str) -> Self {
        Self { sources, ..self }
    }

    pub(crate) const fn down(self) -> Self {
        Self { goal: Goal::Down, ..self }
    }

    pub(crate) const fn rotate(self) -> Self {
        Self { goal: Goal::Rotate, ..self }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Done(Box<Done>),
    Failed(Failure),
    Killed,
}

impl Ended {
    #[track_caller]
    pub(crate) fn unwrap(self) -> Done {
        match self {
            Self::Done(done) => *done,
            Self::Failed(failure) => panic!("{failure}"),
            Self::Killed => panic!("killed"),
        }
    }
}

/// A machine with deployer on it.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    pub(crate) name: &'static str,
    store: Store,
    clock: Arc<Clock>,
    runs: Arc<AtomicU64>,
}

impl Operator {
    pub(crate) fn new(name: &'static str, clouds: &Clouds) -> Self {
        let start = clouds.home().cloud().clock.now();
        let clock = Clock { start, begun: Instant::now(), ahead_seconds: AtomicI64::new(0) };
        Self { name, store: Store::in_memory(), clock: Arc::new(clock), runs: Arc::default() }
    }

    /// Sets the machine's clock wrong.
    pub(crate) fn set_ahead(&self, seconds: i64) {
        self.clock.ahead_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Runs deployer once, until it ends or is killed.
    pub(crate) async fn run(
        &self,
        clouds: &Arc<Clouds>,
        wish: Wish<'_>,
        script: &Arc<Script>,
    ) -> Ended {
        tokio::select! {
            biased;
            ended = self.whole(clouds, wish, script) => match ended {
                Ok(done) => Ended::Done(Box::new(done)),
                Err(failure) => Ended::Failed(failure),
            },
            () = script.killed.notified() => Ended::Killed,
        }
    }

    /// Runs deployer once in fair weather.
    pub(crate) async fn calmly(&self, clouds: &Arc<Clouds>, wish: Wish<'_>) -> Ended {
        self.run(clouds, wish, &Arc::default()).await
    }

    async fn whole(
        &self,
        clouds: &Arc<Clouds>,
        wish: Wish<'_>,
        script: &Arc<Script>,
    ) -> Result<Done, Failure> {
        let wire = Wire { clouds: Arc::clone(clouds), script: Arc::clone(script) };
        let doors = self.doors(clouds, wish, HttpTransport::over(wire));
        let session = Session::through(doors, Arc::new(Silence)).await?;
        let stop = Stop::never();
        let patience = Duration::from_secs(1800);
        let terms = Terms { prune: Some(usize::MAX), ..Terms::new(wish.goal, patience, &stop) };
        engine::run(&session, &terms, &Yes(script)).await
    }

    fn doors(&self, clouds: &Arc<Clouds>, wish: Wish<'_>, http: HttpTransport) -> Doors {
        let access = clouds.access();
        let environment = environments::read("sim", wish.text);
        let registry = clouds.access_in(&environment.oci.region);
        let mut site = Site::real();
        site.registry.host = Some(registry.registry.clone());
        let whole = &registry.registry_username;
        let user = whole.rsplit('/').next().unwrap_or(whole);
        site.registry.username = Some(user.to_owned());
        site.registry.password = Some(registry.registry_password.clone());
        let login = format!("{whole}:{}", registry.registry_password);
        let clock: Arc<dyn oci::Clock> = Arc::clone(&self.clock) as _;
        let fence = Fence::default();
        let fenced = http.fenced(fence.clone());
        let client = |http: &HttpTransport| {
            let region = oci::Region::named(&environment.oci.region).expect("the region exists");
            let mut config = oci::Config::new(credentials(clouds), region, Arc::new(http.clone()));
            config.clock = Arc::clone(&clock);
            config.signing = oci::Signing::Unsigned;
            config.seed = 7;
            oci::Client::new(config)
        };
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let seat = Seat {
            client: client(&http),
            holder: format!("{}@desk", self.name),
            nonce: format!("{} {run}", self.name),
            pace: Pace::default(),
            fence,
        };
        let token = Secret::from(access.cloudflare_token.clone());
        Doors {
            site,
            variables: BTreeMap::new(),
            oci: client(&fenced),
            cloudflare: Cloudflare::new(fenced, BASE_URL, &token).expect("the token is one"),
            images: Arc::new(ThinAir {
                http: http.clone(),
                sources: wish.sources.to_owned(),
                login,
            }),
            http,
            clock,
            name_servers: NameServers::SeenBy(Arc::new(Eyes(Arc::clone(clouds)))),
            store: self.store.clone(),
            directory: access.acme.clone(),
            seat,
            environment,
        }
    }
}

/// One key for everybody: nobody looks at signatures here. All clouds here are of one tenancy.
fn credentials(clouds: &Clouds) -> oci::Credentials {
    static MADE: OnceLock<oci::Credentials> = OnceLock::new();
    let make = || {
        let key = include_str!("../contracts/signing/key.pem");
        let fingerprint = "1f:e6:26:be:9d:8f:31:21:5e:30:20:56:46:2b:f2:a5";
        let access = clouds.access();
        oci::Credentials::user_key(&access.tenancy, &access.user, fingerprint, key).expect("a key")
    };
    MADE.get_or_init(make).clone()
}

/// A machine's clock, right or wrong.
#[derive(Debug)]
struct Clock {
    start: OffsetDateTime,
    begun: Instant,
    ahead_seconds: AtomicI64,
}

impl oci::Clock for Clock {
    fn now(&self) -> OffsetDateTime {
        let ahead = time::Duration::seconds(self.ahead_seconds.load(Ordering::Relaxed));
        self.start + self.begun.elapsed() + ahead
    }

    fn sleep(&self, duration: Duration) -> oci::Sleeping<'_> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Sees the zone as its name servers do.
#[derive(Debug)]
struct Eyes(Arc<Clouds>);

impl Witness for Eyes {
    fn texts(&self, name: &str) -> Vec<String> {
        let zones = self.0.home().cloud().zones.read();
        let records = zones.zones.values().flat_map(|zone| zone.records.values());
        let texts = records.filter(|record| record.kind == "TXT" && record.name == name);
        texts.map(|record| deployer::cloudflare::record::unquoted(&record.content)).collect()
    }
}

struct Silence;

impl Listener for Silence {
    fn event(&self, event: Event) {
        if talks() {
            println!("{event:?}");
        }
    }
}

/// Agrees to everything, and counts how often.
struct Yes<'a>(&'a Script);

impl Consent for Yes<'_> {
    fn to(&self, _plan: &Plan) -> Result<(), Failure> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
